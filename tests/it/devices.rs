//! Devices as they are looked at: lists, pages, journals, the public passport, the certificate.

use entities::enums::{DeviceKind, Role};
use serde_json::{Value, json};

/// The roles that see devices.
const SEE: [Role; 9] = [
    Role::CollectionAgent,
    Role::Driver,
    Role::Storekeeper,
    Role::Refurbisher,
    Role::WorkshopLead,
    Role::Mediator,
    Role::Recycler,
    Role::Coordinator,
    Role::Auditor,
];

both_databases! {
    /// A list comes by pages that lose and repeat nothing, and is filtered by what is asked.
    async fn a_list_is_paged_without_loss(app: TestApp) {
        let person = app.person(Role::Refurbisher).await;
        let mut wanted = Vec::new();
        for n in 0..7 {
            app.pass(chrono::TimeDelta::seconds(1));
            let serial = format!("PF{n}XYZ");
            wanted.push(app.device().serial(&serial).build().await.code);
        }
        let screen = app.device().kind(DeviceKind::Monitor).at(&app.world.counter).build().await.code;
        let mut seen = Vec::new();
        let mut path = "/api/v1/devices?limit=3&site=montpellier-atelier".to_owned();
        loop {
            let page = person.get(&path).await.ok();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 3);
            seen.extend(items.iter().map(|i| i["code"].as_str().unwrap().to_owned()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/api/v1/devices?limit=3&site=montpellier-atelier&cursor={cursor}");
        }
        seen.reverse();
        assert_eq!(seen, wanted);
        let codes = async |query: &str| -> Vec<String> {
            let page = person.get(&format!("/api/v1/devices?{query}")).await.ok();
            page["items"].as_array().unwrap().iter().map(|i| i["code"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(codes("kind=monitor").await, std::slice::from_ref(&screen));
        assert_eq!(codes("q=pf3x").await, std::slice::from_ref(&wanted[3]));
        assert_eq!(codes("status=ready").await, Vec::<String>::new());
        person.get("/api/v1/devices?status=lost").await.refused(422, "invalid");
        person.get("/api/v1/devices?site=nulle-part").await.refused(422, "invalid");
        person.get("/api/v1/devices?cursor=x").await.refused(422, "invalid");
    }

    /// The journal shows every hashed field: a stranger computes each hash again.
    async fn a_stranger_computes_the_journal_s_hashes(app: TestApp) {
        let auditor = app.person(Role::Auditor).await;
        let code = app.device().ready().build().await.code;
        let journal = auditor.get(&format!("/api/v1/devices/{code}/journal")).await.ok();
        let mut previous = "0".repeat(64);
        for (line, n) in journal["items"].as_array().unwrap().iter().zip(1..) {
            let mut line = line.clone();
            let hash = line.as_object_mut().unwrap().remove("hash").unwrap();
            assert_eq!(line["n"], n);
            assert_eq!(line["previous"], *previous);
            let canonical = serde_jcs::to_vec(&line).unwrap();
            assert_eq!(hash, hex::encode(rebond::seal::sha256(&canonical)));
            hash.as_str().unwrap().clone_into(&mut previous);
        }
        let device = auditor.get(&format!("/api/v1/devices/{code}")).await.ok();
        assert_eq!(device["version"], journal["items"].as_array().unwrap().len());
    }

    /// A device says what the asker can do next and what that still needs.
    async fn a_device_says_what_comes_next(app: TestApp) {
        let person = app.person(Role::Refurbisher).await;
        let code = app.device().inventoried().build().await.code;
        let device = person.get(&format!("/api/v1/devices/{}", code.to_lowercase())).await.ok();
        assert_eq!(device["code"], *code);
        assert_eq!(device["media_known"], true);
        assert_eq!(device["media"][0]["open"], true);
        let confirm = device["next_actions"]
            .as_array()
            .unwrap()
            .iter()
            .find(|n| n["action"] == "confirm_sanitisation")
            .unwrap();
        assert_eq!(confirm["allowed"], false);
        assert_eq!(confirm["missing"][0]["code"], "open-media");
        let auditor = app.person(Role::Auditor).await;
        let device = auditor.get(&format!("/api/v1/devices/{code}")).await.ok();
        assert_eq!(device["next_actions"], json!([]));
        app.nobody().get(&format!("/api/v1/devices/{code}")).await.refused(401, "sign-in");
        let social = app.person(Role::SocialWorker).await;
        social.get(&format!("/api/v1/devices/{code}")).await.refused(403, "forbidden");
        person.get("/api/v1/devices/ZZZZZZZZ").await.refused(404, "unknown-code");
    }

    /// Every role has a home; who sees devices opens their pages.
    async fn every_role_has_its_home(app: TestApp) {
        let ready = app.device().ready().build().await.code;
        let open = app.device().inventoried().build().await.code;
        for role in Role::ALL.iter().copied() {
            let person = app.person(role).await;
            person.sign_in().await;
            let home = person.page("/").await;
            assert!(home.says("<h1>"), "{role}");
            if SEE.contains(&role) {
                for code in [&ready, &open] {
                    let page = person.page(&format!("/devices/{code}")).await;
                    assert!(page.says("Son histoire"), "{role}");
                }
                assert!(person.page("/devices").await.says(&format!("/devices/{ready}")));
            } else {
                person.visit(&format!("/devices/{ready}")).await.is(403);
            }
        }
    }

    /// The scan field finds by code, then by serial number; when several match it asks, when none does it helps.
    async fn the_scan_field_finds_or_asks(app: TestApp) {
        let person = app.person(Role::Storekeeper).await;
        person.sign_in().await;
        let one = app.device().serial("SN-UNIQUE-77").build().await.code;
        app.device().serial("JUNK0000").build().await;
        app.device().serial("JUNK0000").build().await;
        let to = async |q: &str| person.visit(&format!("/scan?q={q}")).await;
        assert_eq!(to(&one.to_lowercase()).await.leads(), format!("/devices/{one}"));
        assert_eq!(to("sn-unique-77").await.leads(), format!("/devices/{one}"));
        let several = to("junk0000").await;
        several.is(200);
        assert!(several.page().says("Lequel est-ce"));
        let none = to("%3Cscript%3Ealert(1)%3C/script%3E").await;
        none.is(404);
        assert!(none.page().says("Rien ne correspond"));
        assert!(!none.page().says("<script>alert"));
        person.visit(&format!("/devices/{}", one.to_lowercase())).await.leads();
    }

    /// The passport is for anybody and tells nothing about a person or a place.
    async fn the_passport_tells_no_person_and_no_place(app: TestApp) {
        let device = app.device().ready().serial("SECRET-SERIAL").build().await;
        let nobody = app.nobody();
        for path in [format!("/p/{}", device.code), format!("/P/{}", device.code), format!("/p/{}", device.code.to_lowercase())] {
            let page = nobody.page(&path).await;
            assert!(page.says("a été donné et effacé") || page.says("effacé et reconditionné"), "{path}");
            for secret in ["SECRET-SERIAL", "Montpellier", "montpellier", "Béziers", "Atelier solidaire", "refurbisher", "foyer"] {
                assert!(!page.says(secret), "{secret}");
            }
        }
        let open = app.device().inventoried().build().await.code;
        assert!(!nobody.page(&format!("/p/{open}")).await.says("effacé et"));
        assert!(!nobody.page(&format!("/p/{open}")).await.says("reconditionné"));
        let request = axum::http::Request::builder()
            .uri(format!("/p/{}", device.code))
            .header("accept", "application/json")
            .body(axum::body::Body::empty())
            .unwrap();
        let passport = nobody.send(request).await.ok();
        assert_eq!(passport["code"], *device.code);
        assert_eq!(passport["grade"], "B");
        assert_eq!(passport["journal"]["n"], device.version);
        assert_eq!(passport["reused"], Value::Null);
        nobody.visit("/p/ZZZZZZZZ").await.is(404);
        nobody.post("/p/7KD3BX0R", json!({})).await.is(405);
    }

    /// The certificate is signed over its canonical JSON; what is still open has none.
    async fn a_certificate_is_signed(app: TestApp) {
        let person = app.person(Role::Storekeeper).await;
        let wiped = app.device().ready().build().await.code;
        let open = app.device().inventoried().build().await.code;
        let signed = person.get(&format!("/api/v1/devices/{wiped}/certificate.json")).await.ok();
        assert_eq!(signed["certificate"]["code"], *wiped);
        assert!(!signed["certificate"]["media"].as_array().unwrap().is_empty());
        let key = app.nobody().get("/api/v1/signing-key").await.ok();
        assert_eq!(signed["signature"]["public_key"], key["public_key"]);
        let bytes = |text: &Value| hex::decode(text.as_str().unwrap()).unwrap();
        let public = ring::signature::UnparsedPublicKey::new(
            &ring::signature::ED25519,
            bytes(&key["public_key"]),
        );
        let text = serde_jcs::to_vec(&signed["certificate"]).unwrap();
        public.verify(&text, &bytes(&signed["signature"]["signature"])).unwrap();
        let paper = person.get(&format!("/api/v1/devices/{wiped}/certificate.pdf")).await;
        paper.is(200);
        assert!(paper.bytes().starts_with(b"%PDF"));
        person
            .get(&format!("/api/v1/devices/{open}/certificate.pdf"))
            .await
            .refused(409, "not-sanitised");
    }
}
