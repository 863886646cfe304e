"""Jobs: leased to one worker, tried again, given up at last, added once for each key."""

from datetime import timedelta

from office.store import jobs
from office.store.database import Database
from office.store.jobs import FIRST_WAIT, LEASE, LONGEST_WAIT, MOST_TRIES, Job
from tests.conftest import Clock


def claimed(db: Database) -> tuple[Job, ...]:
    return db.write_now(jobs.claim)


def test_a_key_is_added_once_and_a_job_is_leased_to_one(db: Database) -> None:
    assert db.write_now(jobs.add, "seal", "seal:1", {"document": 1})
    assert not db.write_now(jobs.add, "seal", "seal:1", {"document": 2})
    (held,) = claimed(db)
    assert (held.kind, held.key, held.data, held.tries) == ("seal", "seal:1", {"document": 1}, 1)
    assert claimed(db) == ()
    assert db.write_now(jobs.finish, held)
    assert not db.write_now(jobs.add, "seal", "seal:1")  # done, and still the one


def test_oldest_first_by_kind_and_not_before_their_time(db: Database, clock: Clock) -> None:
    for i in range(3):
        db.write_now(jobs.add, "remind", f"r{i}", run_at=clock.now + timedelta(hours=3 - i))
    db.write_now(jobs.add, "sweep", "s", run_at=clock.now + timedelta(hours=1))
    assert claimed(db) == ()
    assert db.read_now(jobs.next_due) == clock.now + timedelta(hours=1)
    clock.pass_(hours=2)
    held = [db.write_now(jobs.claim, ("remind",), limit=1)[0] for _ in range(2)]
    held.extend(claimed(db))
    assert [job.key for job in held] == ["r2", "r1", "s"]
    assert all(db.write_now(jobs.finish, job) for job in held)
    clock.pass_(hours=1)
    assert [job.key for job in claimed(db)] == ["r0"]


def test_a_dead_workers_job_comes_back_and_the_dead_one_cannot_end_it(db: Database, clock: Clock) -> None:
    db.write_now(jobs.add, "seal", "k")
    (dead,) = claimed(db)
    clock.now += LEASE - timedelta(microseconds=1)
    assert claimed(db) == ()
    clock.pass_(microseconds=1)
    (second,) = claimed(db)
    assert (second.id, second.tries) == (dead.id, 2)
    for late in (jobs.finish, jobs.extend):
        assert not db.write_now(late, dead)
    assert not db.write_now(jobs.fail, dead, "late")
    clock.pass_(minutes=4)
    assert db.write_now(jobs.extend, second)
    clock.pass_(minutes=4)
    assert claimed(db) == ()
    assert db.write_now(jobs.finish, second)
    clock.pass_(days=1)
    assert claimed(db) == ()


def test_it_is_tried_again_ever_later_and_given_up_at_last(db: Database, clock: Clock) -> None:
    db.write_now(jobs.add, "seal", "k")
    waits = []
    for tries in range(1, MOST_TRIES + 1):
        (held,) = claimed(db)
        assert held.tries == tries
        assert db.write_now(jobs.fail, held, "no printer")
        due = db.read_now(jobs.next_due)
        if due is not None:
            waits.append(due - clock.now)
            clock.now = due
    assert waits[:3] == [FIRST_WAIT, FIRST_WAIT * 2, FIRST_WAIT * 4]
    assert max(waits) == min(FIRST_WAIT * 2 ** (MOST_TRIES - 2), LONGEST_WAIT)
    assert len(waits) == MOST_TRIES - 1
    clock.pass_(days=30)
    assert claimed(db) == ()
    assert db.read_now(jobs.next_due) is None


def test_a_waiting_job_can_be_moved_or_called_off_a_running_one_not_moved(db: Database, clock: Clock) -> None:
    db.write_now(jobs.add, "remind", "a")
    assert db.write_now(jobs.postpone, "a", clock.now + timedelta(days=1))
    assert claimed(db) == ()
    clock.pass_(days=1)
    (held,) = claimed(db)
    assert not db.write_now(jobs.postpone, "a", clock.now + timedelta(days=1))
    assert db.write_now(jobs.fail, held, "")
    assert db.write_now(jobs.cancel, "a")
    assert not db.write_now(jobs.cancel, "a")
    clock.pass_(days=1)
    assert claimed(db) == ()
    assert not db.write_now(jobs.cancel, "never")
