//! Signing in and out.

use entities::enums::Role;

both_databases! {
    async fn somebody_signs_in_and_out(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let answer = agent.fill("/sign-in", "/sign-in", &[("email", &agent.account().email), ("password", "faux")]).await;
        answer.is(422);
        assert!(answer.text().contains("Adresse ou mot de passe incorrect."));
        agent.sign_in().await;
        let page = agent.page("/sign-in").await;
        let leads = agent.submit(&page, "/sign-out", &[]).await.leads();
        assert_eq!(leads, "/sign-in");
    }
}
