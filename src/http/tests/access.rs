//! Who may come in.

use super::*;

#[test]
fn nothing_changes_without_the_token() {
    run(async {
        let accept = "/api/v1/domains/office/accept";
        let body = || Body::from("{\"since\":8}");
        let with = |value: &str| {
            let request = request("POST", accept).header(header::CONTENT_TYPE, "application/json");
            request.header(header::AUTHORIZATION, value).body(body()).unwrap()
        };
        let asked = local();
        let said = asked.post(accept, &json!({"since": 8})).await;
        assert_eq!(said.status, StatusCode::UNAUTHORIZED);
        assert_eq!(said.json()["kind"], "refused");
        for wrong in ["Bearer 0123456789abcdeF", "Basic MDEyMw==", "Bearer", ""] {
            assert_eq!(asked.send(with(wrong)).await.status, StatusCode::UNAUTHORIZED, "{wrong}");
        }
        assert!(asked.server.orders.lock().unwrap().is_empty());
        let said = asked.send(with(&format!("Bearer {TOKEN}"))).await;
        assert_eq!((said.status, said.json()["done"].as_str()), (StatusCode::OK, Some("done")));
        assert_eq!(*asked.server.orders.lock().unwrap(), ["accept office Some(8)"]);
        // Without a token nobody may.
        let asked = super::asked(Server::default(), "127.0.0.1:80", None);
        assert_eq!(asked.send(with("Bearer ")).await.status, StatusCode::FORBIDDEN);
        assert!(asked.server.orders.lock().unwrap().is_empty());
    });
}

#[test]
fn elsewhere_reading_needs_the_token_too() {
    run(async {
        let asked = asked(Server::default(), "192.0.2.1:80", Some(TOKEN));
        for path in ["/metrics", "/api/v1/domains", "/openapi.json", "/nothing"] {
            assert_eq!(asked.get(path).await.status, StatusCode::UNAUTHORIZED, "{path}");
        }
        let said =
            asked.post("/api/v1/check", &json!({"ip": "192.0.2.1", "domain": "example.com"})).await;
        assert_eq!(said.status, StatusCode::UNAUTHORIZED);
        let request = request("GET", "/api/v1/domains");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
        assert_eq!(asked.send(request.body(Body::empty()).unwrap()).await.status, StatusCode::OK);
        // Whether it is well may be seen by everybody.
        assert_eq!(asked.get("/healthz").await.status, StatusCode::OK);
        assert_eq!(asked.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    });
}

#[test]
fn pages_of_others_are_sent_away() {
    run(async {
        let asked = local();
        for (host, status) in [
            ("evil.example", StatusCode::FORBIDDEN),
            ("127.0.0.1.evil.example", StatusCode::FORBIDDEN),
            ("spf.example", StatusCode::OK),
            ("localhost:8380", StatusCode::OK),
        ] {
            let request = Request::builder().uri("/api/v1/domains").header(header::HOST, host);
            let said = asked.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(said.status, status, "{host}");
        }
        let request = Request::builder().uri("/api/v1/domains").body(Body::empty()).unwrap();
        assert_eq!(asked.send(request).await.status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn requests_that_make_no_sense_are_told_why() {
    run(async {
        let asked = local();
        let large = " ".repeat(super::super::router::BODY_OCTETS + 1);
        let json = "application/json";
        for (method, path, kind, body, status) in [
            ("GET", "/nothing", "", "", StatusCode::NOT_FOUND),
            ("GET", "/api/v1/check", "", "", StatusCode::METHOD_NOT_ALLOWED),
            ("POST", "/api/v1/check", "text/plain", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ("POST", "/api/v1/check", json, "{", StatusCode::BAD_REQUEST),
            (
                "POST",
                "/api/v1/check",
                json,
                "{\"ip\":\"192.0.2.1\",\"other\":1}",
                StatusCode::BAD_REQUEST,
            ),
            ("POST", "/api/v1/check", json, "{\"ip\":\"192.0.2\"}", StatusCode::BAD_REQUEST),
            ("POST", "/api/v1/check", json, "{\"ip\":\"192.0.2.1\"}", StatusCode::BAD_REQUEST),
            ("POST", "/api/v1/tree", json, "{\"domain\":\"a..b\"}", StatusCode::BAD_REQUEST),
            ("POST", "/api/v1/tree", json, &large, StatusCode::PAYLOAD_TOO_LARGE),
            ("GET", "/api/v1/domains/other", "", "", StatusCode::NOT_FOUND),
            ("GET", "/api/v1/domains/office/versions", "", "", StatusCode::NOT_FOUND),
            ("GET", "/api/v1/domains/office/versions/x", "", "", StatusCode::BAD_REQUEST),
            ("GET", "/api/v1/domains/office/changes?from=1", "", "", StatusCode::BAD_REQUEST),
        ] {
            let request = request(method, path).header(header::CONTENT_TYPE, kind);
            let said = asked.send(request.body(Body::from(body.to_owned())).unwrap()).await;
            assert_eq!(
                (said.status, said.kind.as_str()),
                (status, "application/problem+json"),
                "{path} {said:?}"
            );
            assert_eq!(said.json()["status"], status.as_u16());
            assert!(!said.json()["detail"].as_str().unwrap().is_empty());
        }
    });
}
