//! One paper of each kind, for the tests.

use super::{Block, Paper};

pub(super) fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn facts(pairs: &[(&str, &str)]) -> Block {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Block::KeyValues(pairs.iter().map(owned).collect())
}

/// A receipt for `count` laptops.
pub(super) fn receipt(count: usize) -> Paper {
    let rows = (1..=count)
        .map(|line| {
            let serial = format!("PF0ABC{line:02}");
            strings(&[
                "7KD3-BX0R",
                "Portable",
                "Lenovo ThinkPad T440",
                &serial,
                "Fonctionne",
            ])
        })
        .collect();
    Paper {
        title: "Récépissé de don".to_owned(),
        lang: "fr".to_owned(),
        issuer: strings(&["Ressourcerie du Biterrois", "12 rue de l’Œuvre, 34500 Béziers", "don@example.org"]),
        footer: "Récépissé D-2026-000123. Ce document n’est pas un reçu fiscal.".to_owned(),
        blocks: vec![
            facts(&[
                ("Don", "D-2026-000123"),
                ("Reçu le", "mardi 24 novembre 2026 à 14\u{a0}h\u{a0}30"),
                ("Lieu", "Point de collecte de Béziers"),
                ("Donateur", "Cave des Vignerons — François Cœur-Garçon"),
            ]),
            Block::Heading("Équipements remis".to_owned()),
            Block::Table {
                head: strings(&["Code", "Type", "Marque et modèle", "Numéro de série", "État annoncé"]),
                rows,
                widths: vec![1.1, 0.9, 2.2, 1.6, 1.2],
            },
            Block::Heading("Ce que nous faisons de vos données".to_owned()),
            Block::Paragraph(
                "Chaque support de données est effacé, et l’effacement vérifié, avant qu’un équipement ne change \
                 de mains. Un support qui ne peut pas être effacé est détruit. Vous pouvez suivre chaque \
                 équipement par son code\u{a0}:"
                    .to_owned(),
            ),
            Block::Qr {
                data: "https://rebond.example.org/p/7KD3BX0R".to_owned(),
                caption: "Scannez pour voir ce que devient votre équipement, ou ouvrez\nrebond.example.org/p/7KD3BX0R"
                    .to_owned(),
            },
            Block::Fine(
                "Ce récépissé atteste de la remise des équipements ci-dessus. Il n’est pas un reçu fiscal au sens \
                 de l’article 238 bis du code général des impôts."
                    .to_owned(),
            ),
        ],
    }
}

fn certificate() -> Paper {
    Paper {
        title: "Certificat d’effacement".to_owned(),
        lang: "fr".to_owned(),
        issuer: strings(&["Atelier Montpellier Nord", "34000 Montpellier"]),
        footer: "Certificat du 24 novembre 2026 · 7KD3-BX0R".to_owned(),
        blocks: vec![
            Block::Paragraph(
                "Le support de données ci-dessous a été effacé et l’effacement vérifié.".to_owned(),
            ),
            Block::Heading("Équipement".to_owned()),
            facts(&[
                ("Code", "7KD3-BX0R"),
                ("Marque et modèle", "Lenovo ThinkPad T440"),
                ("Numéro de série", "PF0ABCDE"),
            ]),
            Block::Heading("Support".to_owned()),
            facts(&[
                ("Type", "Disque dur magnétique, 500\u{a0}Go"),
                ("Numéro de série", "WD-WX81A1234567"),
                ("Niveau", "Clear (NIST SP 800-88)"),
                ("Méthode", "Réécriture, une passe, PRNG"),
                ("Outil", "nwipe 0.34"),
                ("Vérification", "Dernière passe relue en entier"),
                ("Résultat", "Réussi, 0 erreur"),
            ]),
            Block::Heading("Preuve".to_owned()),
            facts(&[(
                "Ancre",
                "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            )]),
            Block::Qr {
                data: "https://rebond.example.org/p/7KD3BX0R".to_owned(),
                caption: "Vérifiez ce certificat\u{a0}: rebond.example.org/p/7KD3BX0R".to_owned(),
            },
        ],
    }
}

pub(super) fn decision() -> Paper {
    Paper {
        title: "Votre demande d’ordinateur".to_owned(),
        lang: "fr".to_owned(),
        issuer: strings(&["Département de l’Hérault", "Mission inclusion numérique", "1977 avenue des Moulins, 34087 Montpellier"]),
        footer: "Demande R-2026-000045".to_owned(),
        blocks: vec![
            Block::AddressWindow(strings(&["Madame Zoë Lefèvre-Ÿ", "Appartement 12, bâtiment C", "3 rue des Lilas", "34070 MONTPELLIER"])),
            Block::Dateline("Montpellier, le 24 novembre 2026".to_owned()),
            Block::Paragraph("Madame,".to_owned()),
            Block::Paragraph(
                "Votre demande est acceptée. Les ressources de votre foyer sont sous le seuil fixé par le \
                 Département. Votre contribution sera de 20\u{a0}€."
                    .to_owned(),
            ),
            Block::Heading("Pourquoi cette décision".to_owned()),
            facts(&[
                ("Ressources par unité de consommation", "980\u{a0}€ par mois"),
                ("Seuil", "1\u{a0}216\u{a0}€ par mois"),
                ("Justificatif", "vu le 20 novembre 2026"),
            ]),
            Block::Fine(
                "Cette décision a été préparée par un traitement algorithmique. Vous pouvez demander les règles qui \
                 le définissent et les principales caractéristiques de sa mise en œuvre (article L.\u{a0}311-3-1 du \
                 code des relations entre le public et l’administration)."
                    .to_owned(),
            ),
        ],
    }
}

pub(super) fn appointment(lang: &str) -> Paper {
    let (title, words, place, when, caption) = match lang {
        "ar" => (
            "موعدك لاستلام الحاسوب",
            "حاسوبك محجوز. نراك يوم الثلاثاء 12 يناير في الساعة 14:30 في Maison des Solidarités، 3 rue des Lilas.",
            "المكان",
            "التاريخ",
            "رمز الاستلام",
        ),
        "uk" => (
            "Ваш запис на отримання комп’ютера",
            "Ваш комп’ютер заброньовано. Чекаємо на вас у вівторок 12 січня о 14:30 у Maison des Solidarités.",
            "Місце",
            "Дата",
            "Код отримання",
        ),
        _ => (
            "Votre rendez-vous",
            "Votre ordinateur est réservé. Nous vous attendons mardi 12 janvier à 14\u{a0}h\u{a0}30.",
            "Lieu",
            "Date",
            "Votre code de retrait",
        ),
    };
    Paper {
        title: title.to_owned(),
        lang: lang.to_owned(),
        issuer: strings(&["Rebond", "Département de l’Hérault"]),
        footer: "R-2026-000045".to_owned(),
        blocks: vec![
            Block::AddressWindow(strings(&[
                "Olena Шевченко",
                "3 rue des Lilas",
                "34070 MONTPELLIER",
            ])),
            Block::Dateline("24.11.2026".to_owned()),
            Block::Paragraph(words.to_owned()),
            facts(&[
                (
                    place,
                    "Maison des Solidarités, 3 rue des Lilas, 34070 Montpellier",
                ),
                (when, "12.01.2027 14:30"),
            ]),
            Block::Code {
                caption: caption.to_owned(),
                value: "123 456".to_owned(),
            },
            Block::Qr {
                data: "https://rebond.example.org/f/7Q2X-AB".to_owned(),
                caption: "rebond.example.org/f/7Q2X-AB".to_owned(),
            },
        ],
    }
}

pub(super) fn samples() -> Vec<(&'static str, Paper)> {
    vec![
        ("receipt", receipt(3)),
        ("receipt-long", receipt(60)),
        ("certificate", certificate()),
        ("decision", decision()),
        ("appointment-fr", appointment("fr")),
        ("appointment-ar", appointment("ar")),
        ("appointment-uk", appointment("uk")),
    ]
}
