//! A message in the words of its household.

use entities::enums::{Channel, Outcome, ReleaseReason};

use super::message::{Meeting, Message};
use super::translations::{moment, text};

/// Path of the public page of the rules.
pub(crate) const RULES: &str = "/rules";

/// A text ready to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// Subject of a mail, heading of a letter.
    pub(crate) subject: String,
    /// The text, paragraphs apart by an empty line.
    pub(crate) text: String,
    /// The pickup code, to be printed large in a letter.
    pub(crate) code: Option<String>,
    /// The link, to be printed as a QR code in a letter.
    pub(crate) link: Option<String>,
}

/// Renders a message as a channel carries it: of what an algorithm took part in, that it did, and where its rules
/// stand, in every one; a letter may say more.
pub(crate) fn written(
    base_url: &str,
    channel: Channel,
    language: &str,
    message: &Message,
) -> Rendered {
    let mut rendered = render(language, message);
    let mention = match message {
        // A letter of a decision brings the whole mention among its reasons.
        Message::Decided { reasons, .. } if !reasons.is_empty() => {
            for reason in reasons {
                rendered.text.push_str("\n\n");
                rendered.text.push_str(reason);
            }
            return rendered;
        }
        Message::Decided { .. } | Message::Held { .. } => match channel {
            Channel::Text => "mention-short",
            Channel::Email | Channel::Letter => "mention",
        },
        Message::Received { .. }
        | Message::Booked { .. }
        | Message::Moved { .. }
        | Message::Onboarding { .. }
        | Message::Cancelled { .. }
        | Message::HoldLost { .. }
        | Message::NewPickupCode { .. }
        | Message::NewLink { .. }
        | Message::Reminder { .. }
        | Message::HandedOver {} => return rendered,
    };
    let rules = format!("{base_url}{RULES}");
    rendered.text.push_str("\n\n");
    rendered
        .text
        .push_str(&text(language, mention, &[("rules", &rules)]));
    rendered
}

/// Renders a message in a language.
pub(crate) fn render(language: &str, message: &Message) -> Rendered {
    let key = message.kind();
    let subject = |args: &[(&'static str, &str)]| text(language, &format!("{key}-subject"), args);
    let body = |args: &[(&'static str, &str)]| text(language, &format!("{key}-text"), args);
    let plain = |subject: String, text: String| Rendered {
        subject,
        text,
        code: None,
        link: None,
    };
    match message {
        Message::Received { reference } => plain(subject(&[]), body(&[("reference", reference)])),
        Message::Decided {
            reference,
            outcome,
            reasons,
        } => {
            let word = match outcome {
                Outcome::NotEligible if !reasons.is_empty() => "decided-not_eligible-letter",
                Outcome::Eligible => "decided-eligible",
                Outcome::NotEligible => "decided-not_eligible",
                Outcome::NeedsReview => "decided-needs_review",
            };
            let said = text(language, word, &[("reference", reference)]);
            plain(subject(&[("reference", reference)]), said)
        }
        Message::Held { link } | Message::NewLink { link } => Rendered {
            link: Some(link.clone()),
            ..plain(subject(&[]), body(&[("link", link)]))
        },
        Message::Booked {
            pickup,
            onboarding,
            code,
            link,
        } => {
            let (day, place) = (moment(language, pickup.starts_at), place(pickup));
            let args = [
                ("day", day.as_str()),
                ("place", place.as_str()),
                ("code", code),
                ("link", link),
            ];
            let said = with_onboarding(language, body(&args), onboarding.as_ref());
            Rendered {
                code: Some(code.clone()),
                link: Some(link.clone()),
                ..plain(subject(&[("day", &day)]), said)
            }
        }
        Message::Moved {
            pickup,
            onboarding,
            link,
        } => {
            let (day, place) = (moment(language, pickup.starts_at), place(pickup));
            let args = [
                ("day", day.as_str()),
                ("place", place.as_str()),
                ("link", link),
            ];
            let said = with_onboarding(language, body(&args), onboarding.as_ref());
            Rendered {
                link: Some(link.clone()),
                ..plain(subject(&[("day", &day)]), said)
            }
        }
        Message::Cancelled { pickup } => plain(
            subject(&[]),
            body(&[("day", &moment(language, pickup.starts_at))]),
        ),
        Message::HoldLost { reason } => {
            let word = match reason {
                ReleaseReason::NoShow => "hold_lost-no_show",
                ReleaseReason::Expired => "hold_lost-expired",
                ReleaseReason::Withdrawn => "hold_lost-withdrawn",
                ReleaseReason::Cancelled
                | ReleaseReason::WrongDevice
                | ReleaseReason::Missing
                | ReleaseReason::MediumFound
                | ReleaseReason::Returned
                | ReleaseReason::Lost => "hold_lost-other",
            };
            plain(subject(&[]), text(language, word, &[]))
        }
        Message::NewPickupCode { code } => Rendered {
            code: Some(code.clone()),
            ..plain(subject(&[]), body(&[("code", code)]))
        },
        Message::Reminder { pickup: visit } | Message::Onboarding { onboarding: visit } => {
            let (day, place) = (moment(language, visit.starts_at), place(visit));
            plain(
                subject(&[("day", &day)]),
                body(&[("day", &day), ("place", &place)]),
            )
        }
        Message::HandedOver {} => plain(subject(&[]), body(&[])),
    }
}

fn with_onboarding(language: &str, mut said: String, onboarding: Option<&Meeting>) -> String {
    if let Some(other) = onboarding {
        let (day, place) = (moment(language, other.starts_at), place(other));
        said.push_str("\n\n");
        said.push_str(&text(
            language,
            "booked-onboarding",
            &[("day", &day), ("place", &place)],
        ));
    }
    said
}

/// Name, address and way of a venue, on lines of their own.
fn place(meeting: &Meeting) -> String {
    let parts = [
        Some(&meeting.venue),
        Some(&meeting.address),
        meeting.directions.as_ref(),
    ];
    parts
        .into_iter()
        .flatten()
        .cloned()
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::gsm;
    use super::*;

    #[test]
    fn a_booking_tells_where_when_and_the_code_in_both_languages() {
        let pickup = Meeting {
            starts_at: "2027-01-12T13:30:00Z".parse().unwrap(),
            venue: "Médiathèque".into(),
            address: "1 place de la Comédie".into(),
            directions: None,
        };
        let told = Message::Booked {
            pickup,
            onboarding: None,
            code: "123456".into(),
            link: "http://x/h/A".into(),
        };
        let french = render("fr", &told);
        assert!(
            french.text.contains("mardi 12 janvier 2027"),
            "{}",
            french.text
        );
        assert!(french.text.contains("123456") && french.text.contains("Médiathèque"));
        let english = render("en", &told);
        assert!(
            english.text.contains("Tuesday 12 January 2027 at 14:30"),
            "{}",
            english.text
        );
    }

    /// Each kind of message, and how many parts its text may take.
    fn every_kind() -> Vec<(Message, usize)> {
        let meeting = || Meeting {
            starts_at: "2027-01-12T13:30:00Z".parse().unwrap(),
            venue: "Médiathèque Émile-Zola".into(),
            address: "218 boulevard de l’Aéroport international, 34000 Montpellier".into(),
            directions: Some("Tramway 1, arrêt Antigone – entrée à gauche…".into()),
        };
        let reference = || "R-2026-000045".to_owned();
        let link = || "https://rebond.example.org/h/0123456789BCDEFG".to_owned();
        let code = || "123456".to_owned();
        let decided = |outcome| Message::Decided {
            reference: reference(),
            outcome,
            reasons: Vec::new(),
        };
        let lost = |reason| Message::HoldLost { reason };
        vec![
            (
                Message::Received {
                    reference: reference(),
                },
                2,
            ),
            (decided(Outcome::Eligible), 3),
            (decided(Outcome::NotEligible), 3),
            (Message::Held { link: link() }, 3),
            (
                Message::Booked {
                    pickup: meeting(),
                    onboarding: Some(meeting()),
                    code: code(),
                    link: link(),
                },
                6,
            ),
            (
                Message::Moved {
                    pickup: meeting(),
                    onboarding: None,
                    link: link(),
                },
                4,
            ),
            (Message::Cancelled { pickup: meeting() }, 2),
            (lost(ReleaseReason::NoShow), 3),
            (lost(ReleaseReason::Expired), 3),
            (lost(ReleaseReason::MediumFound), 3),
            (Message::NewPickupCode { code: code() }, 2),
            (Message::Reminder { pickup: meeting() }, 3),
            (Message::HandedOver {}, 2),
        ]
    }

    #[test]
    fn what_an_algorithm_took_part_in_says_so() {
        let decided = |reasons: Vec<String>| Message::Decided {
            reference: "R-2026-000001".into(),
            outcome: Outcome::NotEligible,
            reasons,
        };
        let held = Message::Held {
            link: "http://x/h/A".into(),
        };
        for language in ["fr", "en"] {
            for told in [&decided(Vec::new()), &held] {
                for channel in [Channel::Email, Channel::Text, Channel::Letter] {
                    let said = written("http://x", channel, language, told).text;
                    assert!(said.contains("http://x/rules"), "{said}");
                    assert!(said.to_lowercase().contains("algorith"), "{said}");
                }
            }
        }
        let short = written("http://x", Channel::Text, "fr", &held).text.len();
        assert!(short < written("http://x", Channel::Email, "fr", &held).text.len());
        let letter = decided(vec!["Parce que.".into()]);
        let said = written("http://x", Channel::Letter, "fr", &letter).text;
        assert!(
            said.contains("Parce que.") && said.contains("contester"),
            "{said}"
        );
        assert!(!said.contains("la lettre de décision"), "{said}");
    }

    #[test]
    fn each_kind_is_said_in_each_language_and_fits_a_phone() {
        for (message, most) in every_kind() {
            let mut said = Vec::new();
            for (language, _) in super::super::translations::LANGUAGES {
                let rendered = render(language, &message);
                for text in [&rendered.subject, &rendered.text] {
                    assert!(
                        !text.contains(&format!("{}-", message.kind())),
                        "{language}: {text}"
                    );
                    assert!(
                        !text.is_empty() && !text.contains('{'),
                        "{language}: {text}"
                    );
                }
                for kept in [&rendered.code, &rendered.link].into_iter().flatten() {
                    assert!(
                        rendered.text.contains(kept.as_str()),
                        "{language}: {}",
                        rendered.text
                    );
                }
                let text = gsm::for_phone(&rendered.text);
                let parts = gsm::parts(&text);
                assert!(parts <= most, "{language}: {parts} parts: {text}");
                said.push(rendered.text);
            }
            assert_ne!(said[0], said[1], "said in one language only");
        }
    }
}
