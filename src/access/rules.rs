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
    /// Organisations, sites, accounts, keys, mail of the demo. Sees no household.
    Administer = "administer": [Administrator];
}

/// Whether a role has a permission.
pub(crate) fn may(role: Role, permission: Permission) -> bool {
    permission.roles().contains(&role)
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
