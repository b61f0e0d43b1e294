//! What stories take for granted is itself lawful.

use entities::custody_event;
use entities::enums::{DeviceKind, Grade, Stage};
use rebond::devices::{State, journal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

both_databases! {
    async fn a_device_of_the_background_is_what_its_journal_says(app: TestApp) {
        let world = &app.world;
        let devices = [
            app.device().build().await,
            app.device().inventoried().media(2).build().await,
            app.device().sanitised().build().await,
            app.device().refurbishing().public_donor().build().await,
            app.device().checked().serial("R90ABCDE").build().await,
            app.device().ready().grade(Grade::A).at(&world.desk).build().await,
            app.device().kind(DeviceKind::Monitor).ready().build().await,
            app.device().end_of_life().build().await,
        ];
        assert_eq!(devices[5].stage, Stage::Ready);
        for device in devices {
            let lines = custody_event::Entity::find()
                .filter(custody_event::Column::ItemId.eq(device.id.0))
                .order_by_asc(custody_event::Column::N)
                .all(app.db.read())
                .await
                .unwrap();
            assert_eq!(journal::check(&lines), Ok(()));
            let row = app.device_now(device.id).await;
            assert_eq!(journal::replay(&lines).unwrap().last(), Some(&State::of(&row)));
            assert_eq!(row, device);
        }
    }

    /// What can't be done for one household is done for the others all the same.
    async fn one_hold_that_fails_holds_up_nobody_else(app: TestApp) {
        let welcome = app.welcome(1).await;
        let mut devices = Vec::new();
        for n in 1..=2 {
            let device = app.device().ready().at(&app.world.desk).build().await;
            let request = welcome.waiting(&format!("060102030{n}")).await;
            welcome.hold(&request, &device.code).await;
            devices.push(device);
        }
        app.run_jobs().await;
        let broken = app.device_now(devices[0].id).await.held_for.unwrap();
        app.sql(&format!(
            "update household set phone = data_key where id = (select household_id from request where id = {})",
            app.id(broken.0)
        )).await.unwrap();
        app.pass(chrono::TimeDelta::days(16));
        app.run_jobs().await;
        assert!(app.device_now(devices[0].id).await.held_for.is_some(), "it fails");
        assert_eq!(app.device_now(devices[1].id).await.held_for, None);
        let waits = "select count(*) from message where delivered_at is null and channel <> 'letter'";
        assert_eq!(app.count(waits).await, 0, "the mail left");
    }

    /// A look at empty tables waits for no writer.
    async fn nothing_due_takes_no_writer(app: TestApp) {
        app.run_jobs().await;
        let writer = app.db.write().await.unwrap();
        let look = rebond::jobs::run_due(&app);
        tokio::time::timeout(std::time::Duration::from_secs(2), look).await.expect("no waiting").unwrap();
        drop(writer);
    }
}
