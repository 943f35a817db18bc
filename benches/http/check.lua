-- What wrk sends: a message that is checked against a policy as it is served.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"ip": "198.51.100.7", "served": "mail"}'
