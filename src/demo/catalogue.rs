//! Makes and models that are really given, and what is in them.

use entities::enums::{DeviceKind, MediumKind};

/// One model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Product {
    pub(super) kind: DeviceKind,
    pub(super) make: &'static str,
    pub(super) model: &'static str,
    pub(super) processor: Option<&'static str>,
    pub(super) memory_gib: i64,
    pub(super) medium: Option<Medium>,
    pub(super) weight_grams: i64,
    /// Letters that its serial numbers begin with.
    pub(super) serial: &'static str,
}

/// What its disk usually is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Medium {
    pub(super) kind: MediumKind,
    pub(super) make: &'static str,
    pub(super) model: &'static str,
    pub(super) capacity_bytes: i64,
    pub(super) serial: &'static str,
}

const fn disk(
    kind: MediumKind,
    make: &'static str,
    model: &'static str,
    capacity_bytes: i64,
    serial: &'static str,
) -> Medium {
    Medium {
        kind,
        make,
        model,
        capacity_bytes,
        serial,
    }
}

const HDD_500: Medium = disk(
    MediumKind::Hdd,
    "Western Digital",
    "WDC WD5000LPVX-22V0TT0",
    500_107_862_016,
    "WD-WX",
);
const HDD_1000: Medium = disk(
    MediumKind::Hdd,
    "Seagate",
    "ST1000DM010-2EP102",
    1_000_204_886_016,
    "ZN1",
);
const HDD_320: Medium = disk(
    MediumKind::Hdd,
    "Hitachi",
    "HTS545032A7E680",
    320_072_933_376,
    "TMA",
);
const SSD_256: Medium = disk(
    MediumKind::Ssd,
    "Samsung",
    "MZ7LN256HAJQ-000L7",
    256_060_514_304,
    "S3TV",
);
const SSD_128: Medium = disk(
    MediumKind::Ssd,
    "Micron",
    "MTFDDAK128MAM-1J1",
    128_035_676_160,
    "1410",
);
const NVME_256: Medium = disk(
    MediumKind::Nvme,
    "SK hynix",
    "PC401 HFS256GD9TNG",
    256_060_514_304,
    "EJ8",
);
const NVME_512: Medium = disk(
    MediumKind::Nvme,
    "Samsung",
    "MZVLB512HBJQ-000L7",
    512_110_190_592,
    "S4EN",
);
const EMMC_32: Medium = disk(
    MediumKind::Emmc,
    "Samsung",
    "BJTD4R",
    31_268_536_320,
    "0x5c",
);
const EMMC_64: Medium = disk(
    MediumKind::Emmc,
    "SanDisk",
    "DF4064",
    62_537_072_640,
    "0x2a",
);
const UFS_128: Medium = disk(
    MediumKind::Ufs,
    "Samsung",
    "KLUDG4UHDC",
    128_035_676_160,
    "0x7e",
);

#[expect(clippy::too_many_arguments, reason = "each is a thing of its own")]
const fn product(
    kind: DeviceKind,
    make: &'static str,
    model: &'static str,
    processor: &'static str,
    memory_gib: i64,
    medium: Medium,
    weight_grams: i64,
    serial: &'static str,
) -> Product {
    Product {
        kind,
        make,
        model,
        processor: Some(processor),
        memory_gib,
        medium: Some(medium),
        weight_grams,
        serial,
    }
}

const fn screen(
    make: &'static str,
    model: &'static str,
    weight_grams: i64,
    serial: &'static str,
) -> Product {
    Product {
        kind: DeviceKind::Monitor,
        make,
        model,
        processor: None,
        memory_gib: 0,
        medium: None,
        weight_grams,
        serial,
    }
}

/// Every model with how often it is given.
#[rustfmt::skip]
pub(super) const PRODUCTS: &[(u32, Product)] = &[
    (9, product(DeviceKind::Laptop, "Lenovo", "ThinkPad T440", "Intel Core i5-4300U", 8, HDD_500, 1_800, "PF0")),
    (9, product(DeviceKind::Laptop, "Lenovo", "ThinkPad T460", "Intel Core i5-6300U", 8, SSD_256, 1_700, "PC0")),
    (7, product(DeviceKind::Laptop, "Lenovo", "ThinkPad T480", "Intel Core i5-8350U", 8, NVME_256, 1_600, "PF1")),
    (8, product(DeviceKind::Laptop, "Dell", "Latitude E7470", "Intel Core i5-6300U", 8, SSD_256, 1_400, "5CG")),
    (7, product(DeviceKind::Laptop, "Dell", "Latitude 5490", "Intel Core i5-8250U", 8, NVME_256, 1_600, "7JX")),
    (8, product(DeviceKind::Laptop, "HP", "EliteBook 840 G3", "Intel Core i5-6200U", 8, SSD_256, 1_500, "5CG6")),
    (6, product(DeviceKind::Laptop, "HP", "ProBook 450 G5", "Intel Core i5-8250U", 8, NVME_512, 2_100, "5CD8")),
    (5, product(DeviceKind::Laptop, "Asus", "VivoBook X540", "Intel Core i3-5005U", 4, HDD_1000, 2_000, "H6N0")),
    (5, product(DeviceKind::Laptop, "Acer", "Aspire E5-575", "Intel Core i3-6006U", 4, HDD_500, 2_200, "NXGE")),
    (3, product(DeviceKind::Laptop, "Toshiba", "Satellite Pro R50", "Intel Core i3-4005U", 4, HDD_320, 2_200, "8F0")),
    (3, product(DeviceKind::Laptop, "Apple", "MacBook Air 13 (2015)", "Intel Core i5-5250U", 8, SSD_128, 1_350, "C02")),
    (7, product(DeviceKind::Desktop, "HP", "EliteDesk 800 G2 SFF", "Intel Core i5-6500", 8, SSD_256, 6_800, "CZC6")),
    (6, product(DeviceKind::Desktop, "Dell", "OptiPlex 7050", "Intel Core i5-7500", 8, SSD_256, 5_200, "GKH")),
    (5, product(DeviceKind::Desktop, "Lenovo", "ThinkCentre M73", "Intel Core i3-4130", 4, HDD_500, 5_600, "PB0")),
    (4, product(DeviceKind::Desktop, "Fujitsu", "Esprimo D556", "Intel Core i3-6100", 4, HDD_500, 7_900, "YLV")),
    (2, product(DeviceKind::AllInOne, "HP", "ProOne 400 G2", "Intel Core i3-6100T", 4, HDD_500, 6_600, "8CG")),
    (2, product(DeviceKind::AllInOne, "Apple", "iMac 21,5 (2015)", "Intel Core i5-5250U", 8, HDD_1000, 5_700, "C02")),
    (3, product(DeviceKind::Tablet, "Samsung", "Galaxy Tab A 10.1", "Exynos 7870", 2, EMMC_32, 525, "R52")),
    (2, product(DeviceKind::Tablet, "Apple", "iPad 6", "Apple A10", 2, EMMC_32, 470, "DMP")),
    (3, product(DeviceKind::Smartphone, "Samsung", "Galaxy A40", "Exynos 7904", 4, EMMC_64, 140, "RF8")),
    (2, product(DeviceKind::Smartphone, "Fairphone", "Fairphone 3", "Snapdragon 632", 4, EMMC_64, 187, "FP3")),
    (2, product(DeviceKind::Smartphone, "Samsung", "Galaxy S10", "Exynos 9820", 8, UFS_128, 157, "R38")),
    (6, screen("Dell", "P2217H", 5_000, "CN0")),
    (5, screen("HP", "EliteDisplay E223", 5_300, "CNK")),
    (3, screen("Iiyama", "ProLite XUB2294HSU", 5_200, "118")),
    (2, Product { kind: DeviceKind::Other, make: "Brother", model: "HL-L2350DW", processor: None, memory_gib: 0, medium: None, weight_grams: 7_200, serial: "E78" }),
];

/// Invented companies and associations that give.
pub(super) const COMPANIES: [&str; 14] = [
    "Cave des Trois Garrigues",
    "Transports Mistral Blanc",
    "Cabinet Auriol & Sénégas",
    "Clinique du Grand Pin",
    "Menuiserie Larzac Bois",
    "Garage de la Mosson",
    "Domaine de Puech Bas",
    "Imprimerie des Salins",
    "Assurances du Clapas",
    "Thermes de l’Orb",
    "Conserverie du Môle",
    "Bureau d’études Lergue",
    "Hôtel de l’Étang",
    "Pharmacie des Arceaux",
];

/// Invented associations.
pub(super) const ASSOCIATIONS: [&str; 5] = [
    "Les Amis du Piémont",
    "Foyer rural de la Boissière",
    "Club nautique du Barrou",
    "Théâtre de la Treille",
    "Radio Garrigue",
];

/// Public bodies that hand over equipment they no longer use.
pub(super) const AUTHORITIES: [&str; 6] = [
    "Commune de Lunel",
    "Commune d’Agde",
    "Commune de Clermont-l’Hérault",
    "Collège de la Vallée de l’Hérault",
    "Communauté de communes Grand Orb",
    "Commune de Mauguio",
];

/// Family names, invented people only.
pub(super) const FAMILY_NAMES: [&str; 40] = [
    "Bousquet",
    "Cazals",
    "Delmas",
    "Estève",
    "Ferrières",
    "Galibert",
    "Hébrard",
    "Izarn",
    "Jourdan",
    "Khelifi",
    "Lacombe",
    "Marty",
    "Nègre",
    "Olive",
    "Pagès",
    "Querelle",
    "Rouquette",
    "Sabatier",
    "Teissier",
    "Usclat",
    "Valette",
    "Wozniak",
    "Yilmaz",
    "Zerbib",
    "Amrani",
    "Barthès",
    "Coste",
    "Diallo",
    "El Idrissi",
    "Fabre",
    "Gineste",
    "Haddad",
    "Ibáñez",
    "Koné",
    "Lopez",
    "Mazel",
    "Nguyen",
    "Ouali",
    "Puech",
    "Traoré",
];

/// Given names.
pub(super) const GIVEN_NAMES: [&str; 40] = [
    "Adèle",
    "Bilal",
    "Camille",
    "Djamila",
    "Élise",
    "Farid",
    "Gaëlle",
    "Hugo",
    "Ilham",
    "Jeanne",
    "Karim",
    "Léa",
    "Malik",
    "Nora",
    "Oscar",
    "Pauline",
    "Quentin",
    "Rachida",
    "Samir",
    "Théa",
    "Ulysse",
    "Valérie",
    "Wassim",
    "Yasmine",
    "Zoé",
    "Antoine",
    "Béatrice",
    "Cyril",
    "Dominique",
    "Emma",
    "Françoise",
    "Gilles",
    "Hana",
    "Ismaël",
    "Julie",
    "Kenza",
    "Lucas",
    "Mireille",
    "Nicolas",
    "Oumar",
];
