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
}
