//! What a form cannot say is an error that names the record.

use spfc::dns::Txt;
use spfc::name::DomainName;
use spfc::publish::{Form, RenderError, TextFault, render};

use crate::plans::{options, sample};

#[test]
fn names_have_to_be_in_the_zone() {
    for form in Form::ALL {
        for zone in ["example.org", "_spf.example.com", "ample.com"] {
            let error = render(&sample(), form, &options(zone, false)).unwrap_err();
            assert!(matches!(error, RenderError::OutsideZone { .. }), "{form}: {error}");
        }
    }
    let error = render(&sample(), Form::Octodns, &options("example.org", false)).unwrap_err();
    assert_eq!(error.to_string(), "_spf1b.example.com is not in the zone example.org");
}

#[test]
fn names_without_a_way_to_write_them_are_refused() {
    let mut plan = sample();
    let labels = [&b"_spf1;b"[..], b"example", b"com"];
    plan.chunks[0].name = DomainName::from_labels(labels).unwrap();
    for form in Form::ALL {
        let written = render(&plan, form, &options("example.com", false));
        match form {
            Form::Nsupdate => assert!(written.unwrap().contains("_spf1\\059b.example.com.")),
            Form::Route53 => assert!(written.unwrap().contains("_spf1\\\\073b.example.com.")),
            _ => {
                let error = written.unwrap_err();
                assert!(matches!(error, RenderError::Name { .. }), "{form}: {error}");
                assert!(error.to_string().contains("_spf1;b.example.com"), "{error}");
            }
        }
    }
}

#[test]
fn ttls_that_mean_something_else_are_refused() {
    let with_ttl = |ttl, form| {
        let mut plan = sample();
        plan.chunks[0].ttl = ttl;
        render(&plan, form, &options("example.com", false))
    };
    for (form, ttl) in [
        (Form::Dnscontrol, 0),
        (Form::TerraformCloudflare, 0),
        (Form::TerraformCloudflare, 1),
        (Form::TerraformCloudflare, 86_401),
    ] {
        let error = with_ttl(ttl, form).unwrap_err();
        assert!(matches!(error, RenderError::Ttl { ttl: found, .. } if found == ttl), "{error}");
    }
    for form in Form::ALL {
        assert!(with_ttl(30, form).is_ok(), "{form}");
    }
}

/// A record without strings has no presentation.
#[test]
fn records_without_text_are_refused() {
    let mut plan = sample();
    plan.own[1].others.push(Txt::new([[0u8; 0]; 0]));
    for form in Form::ALL {
        let written = render(&plan, form, &options("example.com", false));
        // The others are none of these two's business.
        if matches!(form, Form::Dnscontrol | Form::TerraformCloudflare) {
            assert!(written.is_ok(), "{form}");
            continue;
        }
        let error = written.unwrap_err();
        let fault = TextFault::Empty;
        let expected = |error: &RenderError| matches!(error, RenderError::Text { fault: found, .. } if *found == fault);
        assert!(expected(&error), "{form}: {error}");
        assert!(error.to_string().contains("TXT record of example.com, which has no text"));
    }
}

#[test]
fn limits_of_the_host_are_kept() {
    let mut plan = sample();
    let large = |octets: usize| Txt::new([vec![b'x'; octets]]);
    plan.own[1].others = vec![large(3_900); 5];
    for (number, record) in plan.own[1].others.iter_mut().enumerate() {
        *record = Txt::new([vec![b'x'; 3_900 - number]]);
    }
    let error = render(&plan, Form::Route53, &options("example.com", false)).unwrap_err();
    assert!(matches!(error, RenderError::LargeBatch { most: 32_000, .. }), "{error}");
    assert!(render(&plan, Form::TerraformRoute53, &options("example.com", false)).is_ok());

    plan.own[1].others = vec![large(4_000)];
    for form in [Form::Route53, Form::TerraformRoute53] {
        let error = render(&plan, form, &options("example.com", false)).unwrap_err();
        let long = |error: &RenderError| {
            matches!(error, RenderError::Text { fault: TextFault::Long(4_000), .. })
        };
        assert!(long(&error), "{error}");
    }

    plan.own[1].others = vec![large(40_000), large(40_001)];
    let error = render(&plan, Form::Nsupdate, &options("example.com", false)).unwrap_err();
    assert!(matches!(error, RenderError::LargeMessage { .. }), "{error}");
    plan.own[1].others = vec![Txt::new([vec![0; 40_000]])];
    let error = render(&plan, Form::Nsupdate, &options("example.com", false)).unwrap_err();
    assert!(matches!(error, RenderError::Text { fault: TextFault::Long(_), .. }), "{error}");
}
