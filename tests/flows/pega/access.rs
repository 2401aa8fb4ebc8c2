//! Who may call what.

use tests::support::{Credential, SENDER, SENDER_KEY, Target, events};

const ROUTES: [(&str, &str); 4] = [
    ("POST", "/webhook/pega"),
    ("GET", "/events"),
    ("GET", "/events/1"),
    ("POST", "/events/1/reprocess"),
];

fn basic(user: &str, password: &str) -> Credential {
    Credential::Basic(user.to_owned(), password.to_owned())
}

/// No credential, a wrong one, a mistyped one: 401 that says how to sign in.
pub async fn strangers(target: &Target) {
    let admin = target.admin();
    let key = &target.admin_key;
    let mut mistyped = key.clone();
    let last = mistyped.pop();
    mistyped.push(if last == Some('0') { '1' } else { '0' });
    let unknown = functions::access::ApiKey::generate().reveal().to_owned();
    let credentials = [
        Credential::None,
        Credential::Bearer(mistyped),
        Credential::Bearer(unknown.clone()),
        Credential::Header("x-api-key", unknown),
        Credential::Bearer(String::new()),
        basic("pega-sender", "wrong"),
        basic("nobody", SENDER.1),
        Credential::Header("x-sender-key", "wrong".to_owned()),
        Credential::Header("authorization", "Basic !!!".to_owned()),
    ];
    for credential in credentials {
        for (method, path) in ROUTES {
            let caller = admin.with(credential.clone());
            let method = method.parse().expect("a method");
            let answer =
                caller.send(caller.request(method, path).json(&events::role_change("C"))).await;
            assert_eq!(answer.status, 401, "{path} {credential:?}");
            let challenge = answer.header("www-authenticate");
            assert_eq!(challenge, r#"Bearer realm="caseway""#, "{path}");
            assert!(answer.json["detail"].is_string());
        }
    }
}

/// A sender may send with its own credentials, and nothing else.
pub async fn senders(target: &Target) {
    let admin = target.admin();
    let as_header = admin.with(Credential::Header("x-api-key", target.admin_key.clone()));
    assert_eq!(as_header.get("/events").await.status, 200);
    for credential in
        [basic(SENDER.0, SENDER.1), Credential::Header("x-sender-key", SENDER_KEY.to_owned())]
    {
        let sender = admin.with(credential.clone());
        let id = sender.event(&events::role_change(&events::new_case())).await.event_id();
        assert_eq!(admin.settled(id).await["source"], "source:pega");
        for path in ["/events", "/events/1"] {
            assert_eq!(sender.get(path).await.status, 401, "{path} {credential:?}");
        }
        assert_eq!(sender.post("/events/1/reprocess").await.status, 401);
    }
}
