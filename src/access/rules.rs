//! What each role may do. One table, read by the guard of routes, by actions and by navigation.

use entities::enums::Role;

macro_rules! permissions {
    ($($(#[$meta:meta])* $name:ident = $code:literal: [$($role:ident),*];)+) => {
        /// One thing a role may or may not do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Permission {
            $($(#[$meta])* $name,)+
        }

        impl Permission {
            /// All permissions.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word in problem details.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The permission of a word in problem details.
            pub fn by_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|p| p.code() == code)
            }

            /// The roles that have it.
            pub const fn roles(self) -> &'static [Role] {
                match self { $(Self::$name => &[$(Role::$role),*]),+ }
            }
        }
    };
}

permissions! {
    /// See devices, their journals and media.
    SeeDevices = "see-devices": [CollectionAgent, Driver, Storekeeper, Refurbisher, WorkshopLead, Mediator, Recycler, Coordinator, Auditor];
    /// Scan a label and record what happened to the device.
    Scan = "scan": [CollectionAgent, Driver, Storekeeper, Refurbisher, WorkshopLead, Mediator, Recycler, Coordinator];
    /// Take donations and print labels.
    TakeDonations = "take-donations": [CollectionAgent, Storekeeper];
    /// See donations and their receipts.
    SeeDonations = "see-donations": [CollectionAgent, Storekeeper, WorkshopLead, Coordinator];
    /// Print labels.
    PrintLabels = "print-labels": [CollectionAgent, Storekeeper, Refurbisher, WorkshopLead];
    /// Hand in evidence, inventory media, check and grade.
    Refurbish = "refurbish": [Refurbisher, WorkshopLead];
    /// File requests for households and follow one's own.
    FileRequests = "file-requests": [SocialWorker];
    /// See a request's status: its own service's, or from a queue.
    SeeRequests = "see-requests": [SocialWorker, Coordinator];
    /// Decide requests, run allocations, hold a device for a request.
    Allocate = "allocate": [Coordinator];
    /// Book, move and cancel appointments for households.
    Book = "book": [SocialWorker, Mediator];
    /// See a venue's agenda and hand devices over.
    HandOver = "hand-over": [Mediator];
    /// Take devices back.
    TakeBack = "take-back": [Mediator, Storekeeper, CollectionAgent];
    /// Set a venue's opening rules.
    SetOpenings = "set-openings": [Mediator, Coordinator];
    /// Fill, weigh, close and hand out waste lots.
    Recycle = "recycle": [Recycler, Storekeeper, WorkshopLead];
    /// Read the proof: journals, sanitisations, runs, `verify`.
    Audit = "audit": [Auditor, Coordinator];
    /// Settle data-breach cases.
    SettleBreaches = "settle-breaches": [Coordinator];
    /// Hand badges for a shared bench to colleagues.
    IssueBadges = "issue-badges": [WorkshopLead];
    /// Organisations, sites, accounts, keys, mail of the demo. Sees no household.
    Administer = "administer": [Administrator];
}

/// Whether a role has a permission.
pub(crate) fn may(role: Role, permission: Permission) -> bool {
    permission.roles().contains(&role)
}

/// Whether the role works at a site, so that whoever has it needs one.
pub(crate) const fn works_at_a_site(role: Role) -> bool {
    match role {
        Role::CollectionAgent
        | Role::Driver
        | Role::Storekeeper
        | Role::Refurbisher
        | Role::WorkshopLead
        | Role::Mediator
        | Role::Recycler => true,
        Role::SocialWorker | Role::Coordinator | Role::Auditor | Role::Administrator => false,
    }
}

/// Whether a program of the instance may have the role: none that sees a household or administers, or whoever
/// makes the program's token would.
pub(crate) fn may_be_a_program(role: Role) -> bool {
    [
        Permission::SeeRequests,
        Permission::FileRequests,
        Permission::Book,
        Permission::HandOver,
        Permission::Administer,
    ]
    .iter()
    .all(|permission| !may(role, *permission))
}

/// What of its role's permissions a token may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All, as a session.
    All,
    /// All, to read.
    Read,
    /// Only these.
    Only(Vec<Permission>),
}

impl Scope {
    /// As it is kept; a permission that is no more opens nothing.
    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "all" => Self::All,
            "read" => Self::Read,
            codes => Self::Only(
                codes
                    .split_whitespace()
                    .filter_map(Permission::by_code)
                    .collect(),
            ),
        }
    }

    /// To be kept.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Read => "read".to_owned(),
            Self::Only(permissions) => {
                let codes: Vec<_> = permissions.iter().map(|p| p.code()).collect();
                codes.join(" ")
            }
        }
    }

    /// Whether it leaves a permission.
    pub(crate) fn leaves(&self, permission: Permission) -> bool {
        match self {
            Self::All | Self::Read => true,
            Self::Only(permissions) => permissions.contains(&permission),
        }
    }
}

/// A role's word on the screen.
pub(crate) const fn word(role: Role) -> &'static str {
    match role {
        Role::CollectionAgent => "Collecte",
        Role::Driver => "Transport",
        Role::Storekeeper => "Magasin",
        Role::Refurbisher => "Atelier",
        Role::WorkshopLead => "Responsable d’atelier",
        Role::SocialWorker => "Prescription",
        Role::Mediator => "Médiation numérique",
        Role::Recycler => "Recyclage",
        Role::Coordinator => "Coordination",
        Role::Auditor => "Audit",
        Role::Administrator => "Administration",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_administers_sees_no_household_and_who_audits_writes_nothing() {
        for permission in Permission::ALL {
            if may(Role::Administrator, *permission) {
                assert_eq!(*permission, Permission::Administer);
            }
            if may(Role::Auditor, *permission) {
                assert!(matches!(
                    permission,
                    Permission::SeeDevices | Permission::Audit
                ));
            }
        }
    }

    #[test]
    fn a_scope_is_kept_as_it_was_given_and_an_unknown_word_opens_nothing() {
        for scope in [
            Scope::All,
            Scope::Read,
            Scope::Only(vec![Permission::Scan, Permission::SeeDevices]),
        ] {
            assert_eq!(Scope::parse(&scope.text()), scope);
        }
        let odd = Scope::parse("scan everything");
        assert!(odd.leaves(Permission::Scan) && !odd.leaves(Permission::Administer));
        assert!(!Scope::parse("").leaves(Permission::Scan));
    }

    #[test]
    fn no_program_of_the_instance_sees_a_household() {
        let programs: Vec<Role> = Role::ALL
            .iter()
            .copied()
            .filter(|role| may_be_a_program(*role))
            .collect();
        assert!(programs.contains(&Role::Refurbisher));
        for role in [
            Role::Administrator,
            Role::Coordinator,
            Role::Mediator,
            Role::SocialWorker,
        ] {
            assert!(!programs.contains(&role), "{role}");
        }
    }

    #[test]
    fn workshops_never_see_households() {
        for role in [Role::Refurbisher, Role::WorkshopLead] {
            for permission in [
                Permission::SeeRequests,
                Permission::FileRequests,
                Permission::Book,
                Permission::HandOver,
            ] {
                assert!(!may(role, permission));
            }
        }
    }
}
