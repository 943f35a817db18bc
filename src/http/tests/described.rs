//! The description and the router say the same.

use super::*;

#[test]
fn every_path_that_is_described_is_there_and_no_other() {
    run(async {
        let described = serde_json::to_value(openapi()).unwrap();
        let paths = described["paths"].as_object().unwrap();
        assert_eq!(paths.len(), 16);
        let asked = local();
        for (path, operations) in paths {
            let path = path.replace("{name}", "office").replace("{number}", "1");
            for method in operations.as_object().unwrap().keys() {
                let request = request(&method.to_uppercase(), &path).body(Body::empty()).unwrap();
                let said = asked.send(request).await;
                // Whatever is wrong with the request, the path is known.
                assert_ne!(said.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
                assert!(!said.text.contains("there is nothing at this path"), "{method} {path}");
            }
        }
    });
}

#[test]
fn what_is_served_is_the_description() {
    run(async {
        let said = local().get("/openapi.json").await;
        assert_eq!((said.status, said.kind.as_str()), (StatusCode::OK, "application/json"));
        assert_eq!(said.json(), serde_json::to_value(openapi()).unwrap());
        assert_eq!(said.json()["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    });
}
