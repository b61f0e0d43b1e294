//! The administrator: accounts come, change and go; places are kept; nobody else does any of it.

use entities::enums::Role;

both_databases! {
    /// A disabled account is out at once, by cookie and by token.
    async fn a_disabled_account_is_out_at_once(app: TestApp) {
        let administrator = app.person(Role::Administrator).await;
        administrator.sign_in().await;
        let keeper = app.person(Role::Storekeeper).await;
        keeper.sign_in().await;
        keeper.visit("/account").await.is(200);
        keeper.get("/api/v1/devices").await.is(200);
        let page = format!("/accounts/{}", keeper.account().id);
        administrator.fill(&page, &format!("{page}/disable"), &[]).await.leads();
        keeper.visit("/account").await.is(303);
        keeper.get("/api/v1/devices").await.refused(401, "sign-in");
    }

    /// A new account is invited, and its address is given once.
    async fn an_account_is_added_and_invited(app: TestApp) {
        let administrator = app.person(Role::Administrator).await;
        administrator.sign_in().await;
        let fields = [
            ("email", "Nouvelle@Rebond.example"),
            ("display_name", "Nouvelle Personne"),
            ("role", "storekeeper"),
            ("organisation", app.world.association.slug.as_str()),
            ("site", app.world.warehouse.slug.as_str()),
        ];
        let told = administrator.fill("/accounts/new", "/accounts", &fields).await;
        assert!(told.leads().starts_with("/accounts/"));
        // The same address again stays beside its field.
        let again = administrator.fill("/accounts/new", "/accounts", &fields).await;
        again.is(422);
        assert!(again.page().says("Un compte a déjà cette adresse."));
        let listed = administrator.page("/accounts?q=nouvelle").await;
        assert!(listed.says("nouvelle@rebond.example"));
    }

    /// A site of one organisation is no place for an account of another.
    async fn a_site_belongs_to_its_organisation(app: TestApp) {
        let administrator = app.person(Role::Administrator).await;
        administrator.sign_in().await;
        let fields = [
            ("email", "x@rebond.example"),
            ("display_name", "X"),
            ("role", "storekeeper"),
            ("organisation", app.world.association.slug.as_str()),
            ("site", app.world.foreign_workshop.slug.as_str()),
        ];
        let refused = administrator.fill("/accounts/new", "/accounts", &fields).await;
        refused.is(422);
        assert!(refused.page().says("Ce site n’est pas à cette structure."));
    }

    /// Nobody takes the administration from themselves.
    async fn nobody_disables_themselves(app: TestApp) {
        let administrator = app.person(Role::Administrator).await;
        administrator.sign_in().await;
        let page = format!("/accounts/{}", administrator.account().id);
        administrator.fill(&page, &format!("{page}/disable"), &[]).await.is(409);
        administrator.visit("/accounts").await.is(200);
    }

    /// Organisations, sites and venues are added and changed; a short name is given once.
    async fn places_are_added_and_changed(app: TestApp) {
        let administrator = app.person(Role::Administrator).await;
        administrator.sign_in().await;
        let organisation = [
            ("name", "Ressourcerie du Lac"),
            ("slug", "ressourcerie-lac"),
            ("kind", "association"),
            ("deciding_body", "private"),
        ];
        administrator.fill("/organisations/new", "/organisations", &organisation).await.leads();
        administrator.fill("/organisations/new", "/organisations", &organisation).await.is(422);
        let site = [
            ("organisation", "ressourcerie-lac"),
            ("name", "Atelier du Lac"),
            ("slug", "lac-atelier"),
            ("kind", "workshop"),
            ("active", "true"),
        ];
        administrator.fill("/sites/new", "/sites", &site).await.leads();
        let venue = [
            ("site", "lac-atelier"),
            ("name", "Accueil du Lac"),
            ("slug", "lac-accueil"),
            ("postal_address", "1 quai du Lac"),
            ("commune", "34142"),
            ("transfer_lead_hours", "0"),
            ("active", "true"),
        ];
        administrator.fill("/venues/new", "/venues", &venue).await.leads();
        let renamed = [&venue[..1], &[("name", "Maison du Lac")], &venue[2..]].concat();
        administrator.fill("/venues/lac-accueil", "/venues/lac-accueil", &renamed).await.leads();
        let page = administrator.page("/sites").await;
        assert!(page.says("Maison du Lac") && page.says("Atelier du Lac"));
        let coordinator = app.person(Role::Coordinator).await;
        coordinator.sign_in().await;
        coordinator.visit("/sites").await.is(403);
    }
}
