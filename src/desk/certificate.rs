//! The certificate of sanitisation of a device: the fields of NIST SP 800-88 for each of its media, as a signed JSON
//! document and as a paper. The signature is Ed25519 over the RFC 8785 JSON of `certificate`.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::response::Response;
use entities::enums::{EvidenceKind, Level, MediumKind, Role, Verification};
use entities::ids::EvidenceId;
use entities::{account_role, evidence, medium, organisation, sanitisation};
use schemars::JsonSchema;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;

use crate::access::{self, Actor, Permission};
use crate::anchors;
use crate::app::App;
use crate::desk::passport::{method, verified};
use crate::desk::store::{self, DeviceFile, Names};
use crate::devices::store::by_code;
use crate::devices::{journal, words};
use crate::error::{Error, Missing, Result};
use crate::french;
use crate::papers::{self, Block, Paper};
use crate::web::{Access, ApiResult, Json, Path, Routes, download};

pub(super) fn routes() -> Routes {
    let may = Access::Needs(Permission::SeeDevices);
    Routes::new()
        .get("/api/v1/devices/{code}/certificate.json", may, as_json)
        .says("The signed certificate of sanitisation of a device")
        .refuses(&["not-sanitised"])
        .answers::<Signed>(200)
        .get("/api/v1/devices/{code}/certificate.pdf", may, as_pdf)
        .says("The certificate of sanitisation as a paper")
        .refuses(&["not-sanitised"])
        .answers_file(&["application/pdf"])
        .get("/api/v1/signing-key", Access::Public, signing_key)
        .says("The public key that signs certificates")
        .answers::<Key>(200)
}

/// Whether there is something to certify: every medium is known and closed, and at least one was sanitised.
pub(super) fn has_one(file: &DeviceFile) -> bool {
    file.device.media_known && file.device.open_media == 0 && !file.sanitisations.is_empty()
}

/// Who did something, as a certificate names them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Performer {
    /// Left out for who reads proof without personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    title: String,
    organisation: Option<String>,
    location: Option<String>,
    contact: Option<String>,
    date: String,
}

/// The tool's file behind a sanitisation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Proof {
    kind: String,
    sha256: String,
}

/// One medium that was sanitised.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Certified {
    manufacturer: Option<String>,
    model: Option<String>,
    serial_number: Option<String>,
    property_number: Option<String>,
    media_type: MediumKind,
    capacity_bytes: Option<i64>,
    /// Code of the device the medium came from.
    media_source: String,
    sanitization_level: Level,
    method: String,
    tool_name: Option<String>,
    tool_version: Option<String>,
    verification_method: Verification,
    evidence_kind: EvidenceKind,
    evidence: Option<Proof>,
    destination: &'static str,
    performed_by: Performer,
}

/// What is certified.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Certificate {
    code: String,
    kind: entities::enums::DeviceKind,
    manufacturer: Option<String>,
    model: Option<String>,
    serial_number: Option<String>,
    property_number: Option<String>,
    media: Vec<Certified>,
    /// Last line of the device's journal when this was made.
    journal: Head,
    /// The newest anchor when this was made: that list or the next one holds this journal.
    anchor: Option<Anchored>,
    issued_at: String,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Anchored {
    number: i64,
    at: String,
    root: String,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Head {
    n: i64,
    hash: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the columns of the table")]
struct Signature {
    algorithm: &'static str,
    public_key: String,
    signature: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Signed {
    certificate: Certificate,
    signature: Signature,
}

async fn as_json(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
) -> ApiResult<Json<Signed>> {
    let (certificate, _) = certificate(&app, &actor, &code).await?;
    Ok(Json(signed(&app, certificate)?))
}

fn signed(app: &App, certificate: Certificate) -> Result<Signed> {
    let text = serde_jcs::to_vec(&certificate).map_err(Error::internal)?;
    Ok(Signed {
        signature: Signature {
            algorithm: "Ed25519",
            public_key: hex::encode(app.keys.public_key()?),
            signature: hex::encode(app.keys.sign(&text)?),
        },
        certificate,
    })
}

async fn as_pdf(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
) -> ApiResult<Response> {
    let (certificate, issuer) = certificate(&app, &actor, &code).await?;
    let signed = signed(&app, certificate)?;
    let name = format!("certificat-{}.pdf", signed.certificate.code);
    let paper = paper(&signed, &issuer, &app.config.server.base_url);
    let bytes = tokio::task::spawn_blocking(move || papers::pdf(&paper))
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)?;
    Ok(download::inline(bytes, "application/pdf", &name))
}

#[derive(Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the word of the API")]
struct Key {
    algorithm: &'static str,
    public_key: String,
    /// Keys that signed before this one; their certificates stay good.
    earlier: Vec<String>,
}

async fn signing_key(State(app): State<App>) -> ApiResult<Json<Key>> {
    Ok(Json(Key {
        algorithm: "Ed25519",
        public_key: hex::encode(app.keys.public_key()?),
        earlier: app
            .keys
            .earlier_public_keys()
            .iter()
            .map(hex::encode)
            .collect(),
    }))
}

/// The certificate of a device, and the organisation that issues it: the one whose bench sanitised last.
async fn certificate(
    app: &App,
    actor: &Actor,
    code: &str,
) -> Result<(Certificate, organisation::Model)> {
    let db = app.db.read();
    let file = store::device_file(db, by_code(db, code).await?).await?;
    if !has_one(&file) {
        return Err(Error::missing(
            "not-sanitised",
            "Il n’y a pas encore d’effacement à certifier.",
            vec![Missing::new(
                "sanitisation",
                "Tous les supports inventoriés et effacés, dont un au moins avec sa preuve.",
            )],
        ));
    }
    let proofs = proofs(app, &file).await?;
    let accounts: BTreeSet<_> = file.sanitisations.values().map(|s| s.account_id).collect();
    let sites = proofs.values().filter_map(|p| p.site_id).collect();
    let names = store::names(db, accounts, BTreeSet::new(), sites).await?;
    let last = file.sanitisations.values().max_by_key(|s| s.at);
    let roles = access::assignments::held(db, names.accounts.keys().copied().collect()).await?;
    let issuer = last
        .and_then(|s| acting(&roles, s))
        .map_or(actor.organisation, |role| role.organisation_id);
    let issuer = access::store::organisation(db, issuer).await?;
    let device = &file.device;
    let media = file
        .media
        .iter()
        .filter_map(|m| Some((m, file.sanitisations.get(&m.id)?)))
        .map(|(m, s)| certified(actor, &file, m, s, &proofs, &names, &roles, &issuer))
        .collect();
    let certificate = Certificate {
        code: device.code.clone(),
        kind: device.kind,
        manufacturer: device.make.clone(),
        model: device.model.clone(),
        serial_number: device.serial.clone(),
        property_number: device.asset_tag.clone(),
        media,
        journal: Head {
            n: device.version,
            hash: device.head.clone(),
        },
        anchor: anchors::store::latest(db).await?.map(|row| Anchored {
            number: row.number,
            at: journal::moment(row.at),
            root: row.root,
        }),
        issued_at: journal::moment(app.clock.now()),
    };
    Ok((certificate, issuer))
}

/// The tools' files of these sanitisations.
async fn proofs(app: &App, file: &DeviceFile) -> Result<BTreeMap<EvidenceId, evidence::Model>> {
    let ids: Vec<EvidenceId> = file
        .sanitisations
        .values()
        .filter_map(|s| s.evidence_id)
        .collect();
    let rows = evidence::Entity::find()
        .filter(evidence::Column::Id.is_in(ids))
        .all(app.db.read())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The role in which somebody wiped: one that may, of those that counted then.
fn acting<'r>(
    roles: &'r [account_role::Model],
    done: &sanitisation::Model,
) -> Option<&'r account_role::Model> {
    let day = french::local_date(done.at);
    let theirs = || roles.iter().filter(|r| r.account_id == done.account_id);
    theirs()
        .find(|r| {
            access::rules::may(r.role, Permission::Refurbish)
                && r.starts_on <= day
                && r.ended_at.is_none_or(|end| end > done.at)
                && r.ends_on.is_none_or(|end| end >= day)
        })
        .or_else(|| theirs().next())
}

#[expect(
    clippy::too_many_arguments,
    reason = "each is a part of what is certified"
)]
fn certified(
    actor: &Actor,
    file: &DeviceFile,
    medium: &medium::Model,
    done: &sanitisation::Model,
    proofs: &BTreeMap<EvidenceId, evidence::Model>,
    names: &Names,
    roles: &[account_role::Model],
    issuer: &organisation::Model,
) -> Certified {
    let proof = done.evidence_id.and_then(|id| proofs.get(&id));
    let account = names.accounts.get(&done.account_id);
    let role = acting(roles, done);
    let (tool_name, tool_version) = tool(done.tool.as_deref());
    Certified {
        manufacturer: medium.make.clone(),
        model: medium.model.clone(),
        serial_number: medium.serial.clone(),
        property_number: medium.code.clone(),
        media_type: medium.kind,
        capacity_bytes: medium.capacity_bytes,
        media_source: file.device.code.clone(),
        sanitization_level: done.level,
        method: done.method.clone(),
        tool_name,
        tool_version,
        verification_method: done.verification,
        evidence_kind: done.evidence_kind,
        evidence: proof.map(|p| Proof {
            kind: p.kind.clone(),
            sha256: p.sha256.clone(),
        }),
        destination: "reuse",
        performed_by: Performer {
            name: account
                .filter(|_| actor.role != Role::Auditor)
                .map(|a| a.display_name.clone()),
            title: role.map_or_else(String::new, |r| access::role_word(r.role).to_owned()),
            organisation: role
                .filter(|role| role.organisation_id == issuer.id)
                .map(|_| issuer.name.clone()),
            location: proof
                .and_then(|p| p.site_id)
                .and_then(|id| names.sites.get(&id))
                .map(|s| s.name.clone()),
            contact: issuer
                .contact_email
                .clone()
                .or_else(|| issuer.contact_phone.clone()),
            date: journal::moment(done.at),
        },
    }
}

/// `nwipe 0.34` as name and version; a tool that tells no version is a name.
fn tool(text: Option<&str>) -> (Option<String>, Option<String>) {
    let Some(text) = text else {
        return (None, None);
    };
    match text.rsplit_once(' ') {
        Some((name, version)) if version.starts_with(|c: char| c.is_ascii_digit()) => {
            (Some(name.to_owned()), Some(version.to_owned()))
        }
        Some(_) | None => (Some(text.to_owned()), None),
    }
}

fn paper(signed: &Signed, issuer: &organisation::Model, base_url: &str) -> Paper {
    let c = &signed.certificate;
    let code = words::grouped(&c.code);
    let address = format!("{base_url}/p/{}", c.code);
    let mut blocks = vec![
        Block::Paragraph(
            "Les supports de données ci-dessous ont été effacés ; rien de ce qu’ils portaient n’y est plus lisible par les moyens courants."
                .to_owned(),
        ),
        Block::Heading("Équipement".to_owned()),
        facts([
            ("Code", Some(code.clone())),
            ("Type", Some(words::capital(words::kind(c.kind)))),
            ("Marque", c.manufacturer.clone()),
            ("Modèle", c.model.clone()),
            ("Numéro de série", c.serial_number.clone()),
            ("Numéro d’inventaire", c.property_number.clone()),
        ]),
    ];
    for medium in &c.media {
        blocks.extend(medium_blocks(medium));
    }
    blocks.extend([
        Block::Heading("Preuve".to_owned()),
        facts([
            ("Journal", Some(format!("ligne {} : {}", c.journal.n, c.journal.hash))),
            ("Ancre", c.anchor.as_ref().map(|a| format!("n° {} du {} : {}", a.number, a.at, a.root))),
            ("Établi le", Some(c.issued_at.clone())),
            ("Clé publique (Ed25519)", Some(signed.signature.public_key.clone())),
        ]),
        Block::Qr {
            caption: format!("La fiche publique de cet équipement :\n{address}"),
            data: address,
        },
        Block::Fine(
            "Champs de l’annexe G du guide NIST SP 800-88. Le même certificat, signé, se télécharge en JSON ; sa signature porte sur le JSON canonique (RFC 8785) du champ « certificate »."
                .to_owned(),
        ),
    ]);
    let contact = [
        &issuer.postal_address,
        &issuer.contact_email,
        &issuer.contact_phone,
    ];
    Paper {
        title: "Certificat d’effacement".to_owned(),
        lang: "fr".to_owned(),
        issuer: std::iter::once(issuer.name.clone())
            .chain(contact.into_iter().flatten().cloned())
            .collect(),
        footer: format!("Certificat d’effacement · {code}"),
        blocks,
    }
}

fn medium_blocks(medium: &Certified) -> [Block; 2] {
    let size = medium
        .capacity_bytes
        .and_then(|b| u64::try_from(b).ok())
        .map(french::bytes);
    let by = &medium.performed_by;
    let who: Vec<&str> = [
        by.name.as_deref(),
        Some(by.title.as_str()),
        by.organisation.as_deref(),
        by.location.as_deref(),
    ]
    .into_iter()
    .flatten()
    .collect();
    let level = match medium.sanitization_level {
        Level::Clear => "Clear (NIST SP 800-88)",
        Level::Purge => "Purge (NIST SP 800-88)",
        Level::Destroy => "Destroy (NIST SP 800-88)",
    };
    let tool: Vec<&str> = [medium.tool_name.as_deref(), medium.tool_version.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    let proof = medium
        .evidence
        .as_ref()
        .map(|p| format!("{}, SHA-256 {}", p.kind, p.sha256));
    [
        Block::Heading(words::capital(words::medium(medium.media_type))),
        facts([
            ("Marque", medium.manufacturer.clone()),
            ("Modèle", medium.model.clone()),
            ("Numéro de série", medium.serial_number.clone()),
            ("Capacité", size),
            ("Niveau", Some(level.to_owned())),
            ("Méthode", Some(words::capital(method(&medium.method)))),
            (
                "Outil",
                Some(if tool.is_empty() {
                    "déclaré, sans fichier d’outil".to_owned()
                } else {
                    tool.join(" ")
                }),
            ),
            (
                "Vérification",
                Some(words::capital(verified(medium.verification_method))),
            ),
            ("Destination", Some("Réemploi".to_owned())),
            ("Par", Some(who.join(", "))),
            ("Le", Some(by.date.clone())),
            ("Contact", by.contact.clone()),
            ("Fichier de l’outil", proof),
        ]),
    ]
}

fn facts<const N: usize>(pairs: [(&str, Option<String>); N]) -> Block {
    Block::KeyValues(
        pairs
            .into_iter()
            .filter_map(|(word, value)| Some((word.to_owned(), value?)))
            .collect(),
    )
}
