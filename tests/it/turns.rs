//! Writers that share a commit: what each of them wanted is kept or dropped alone, whatever the others do.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use rebond::db::{Db, Tx};
use rebond::error::Error;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tempfile::TempDir;

/// A small table behind the same door as the real ones.
async fn door(folder: &TempDir) -> Db {
    let path = folder.path().join("turns.sqlite");
    let db = Db::open(&format!("sqlite://{}", path.display()))
        .await
        .unwrap();
    let tx = db.write().await.unwrap();
    tx.execute_unprepared("create table thing (id integer primary key, part text not null, constraint thing_part check (part <> 'forbidden'))")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    db
}

async fn put(tx: &Tx, id: usize, part: &str) -> Result<(), sea_orm::DbErr> {
    let sql = format!("insert into thing (id, part) values ({id}, '{part}')");
    tx.execute_unprepared(&sql).await.map(|_| ())
}

/// The ids that are there, each with as many rows as its writer wrote.
async fn kept(db: &Db) -> BTreeSet<usize> {
    let all = Statement::from_string(DbBackend::Sqlite, "select id from thing");
    let rows = db.read().query_all_raw(all).await.unwrap();
    rows.iter()
        .map(|row| usize::try_from(row.try_get_by_index::<i64>(0).unwrap()).unwrap())
        .collect()
}

/// What a writer does with its turn, by its number. Answers whether it was told that its write is kept.
async fn turn(db: &Db, id: usize) -> bool {
    let tx = db.write().await.unwrap();
    put(&tx, id, "one").await.unwrap();
    match id % 5 {
        // Gives up.
        1 => false,
        // A constraint says no, and it gives up.
        2 => {
            put(&tx, id + 100_000, "forbidden").await.unwrap_err();
            drop(tx);
            false
        }
        // A constraint says no inside a savepoint, and it goes on.
        3 => {
            let point = tx.savepoint().await.unwrap();
            put(&point, id + 200_000, "two").await.unwrap();
            put(&point, id + 100_000, "forbidden").await.unwrap_err();
            drop(point);
            put(&tx, id + 10_000, "two").await.unwrap();
            tx.commit().await.is_ok()
        }
        // A savepoint is kept.
        4 => {
            let point = tx.savepoint().await.unwrap();
            put(&point, id + 10_000, "two").await.unwrap();
            point.commit().await.unwrap();
            tx.commit().await.is_ok()
        }
        _ => {
            put(&tx, id + 10_000, "two").await.unwrap();
            tx.commit().await.is_ok()
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_hundred_turns_exactly_the_kept_ones_stay_whole() {
    let folder = TempDir::new().unwrap();
    let db = door(&folder).await;
    let mut running = Vec::new();
    for id in 0..200 {
        let db = db.clone();
        running.push(tokio::spawn(async move { (id, turn(&db, id).await) }));
    }
    let mut wanted = BTreeSet::new();
    for run in running {
        let (id, told) = run.await.unwrap();
        assert_eq!(told, !matches!(id % 5, 1 | 2), "{id}");
        if told {
            wanted.extend([id, id + 10_000]);
        }
    }
    assert_eq!(kept(&db).await, wanted);
}

/// Polls a future a number of times and drops it.
async fn cut_short<F: Future>(work: F, polls: u32) -> bool {
    let mut work = Box::pin(work);
    for _ in 0..polls {
        tokio::select! {
            biased;
            _ = &mut work => return true,
            () = tokio::time::sleep(Duration::from_micros(40)) => {}
        }
    }
    false
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_writer_that_is_cut_off_leaves_nothing_by_half_and_holds_up_nobody() {
    let folder = TempDir::new().unwrap();
    let db = door(&folder).await;
    let mut running = Vec::new();
    for id in 0..120 {
        let db = db.clone();
        running.push(tokio::spawn(async move {
            let polls = u32::try_from(id).unwrap();
            (id, cut_short(turn(&db, id * 5), polls).await)
        }));
    }
    let mut whole = BTreeSet::new();
    for run in running {
        let (id, finished) = run.await.unwrap();
        if finished {
            whole.insert(id * 5);
        }
    }
    // The next writer comes at once.
    assert!(turn(&db, 99_995).await);
    let there = kept(&db).await;
    for id in &whole {
        assert!(there.contains(id), "{id} was told that it is kept");
    }
    for id in there.iter().filter(|id| **id < 10_000) {
        assert!(there.contains(&(id + 10_000)), "{id} is there by half");
    }
}

#[tokio::test]
async fn a_savepoint_that_outlives_its_turn_writes_nothing() {
    let folder = TempDir::new().unwrap();
    let db = door(&folder).await;
    let tx = db.write().await.unwrap();
    put(&tx, 1, "one").await.unwrap();
    let point = tx.savepoint().await.unwrap();
    put(&point, 2, "two").await.unwrap();
    drop(tx);
    let next = db.write().await.unwrap();
    put(&next, 3, "one").await.unwrap();
    put(&point, 4, "late").await.unwrap_err();
    next.commit().await.unwrap();
    assert!(matches!(point.commit().await, Err(Error::Busy)));
    assert_eq!(kept(&db).await, BTreeSet::from([3]));
}
