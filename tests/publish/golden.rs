//! Each form of one change, word for word.

use spfc::publish::{Form, Plan, render};

use crate::plans::{options, sample, switched, unseen};

fn stem(form: Form) -> &'static str {
    match form {
        Form::Nsupdate => "nsupdate",
        Form::Octodns => "octodns",
        Form::Dnscontrol => "dnscontrol",
        Form::TerraformRoute53 => "terraform_route53",
        Form::TerraformCloudflare => "terraform_cloudflare",
        Form::TerraformGoogle => "terraform_google",
        Form::Route53 => "route53",
    }
}

#[test]
fn forms_are_written_word_for_word() {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path("golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for form in Form::ALL {
            let stem = stem(form);
            let written = |plan: Plan, drop_old| {
                render(&plan, form, &options("example.com", drop_old)).unwrap()
            };
            insta::assert_snapshot!(stem, written(sample(), false));
            insta::assert_snapshot!(format!("{stem}_switched"), written(switched(), false));
            insta::assert_snapshot!(format!("{stem}_drop_old"), written(switched(), true));
            insta::assert_snapshot!(format!("{stem}_unseen"), written(unseen(), false));
            // What is old is not dropped while caches lead to it.
            assert_eq!(written(sample(), true), written(sample(), false));
        }
    });
}

#[test]
fn the_same_change_gives_the_same_octets() {
    for form in Form::ALL {
        let written = || render(&sample(), form, &options("com", false)).unwrap();
        assert_eq!(written(), written(), "{form}");
    }
}
