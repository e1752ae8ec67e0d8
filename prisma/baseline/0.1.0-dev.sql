-- From the last development version before 0.1.0 to the initial migration, for databases that people already have.
--
-- src/db/migrate.ts recognises such a database by its history, the names and checksums below, and runs this file and the
-- functions of the migration named by `to` in one transaction; then the earlier rows of _prisma_migrations are replaced
-- by that migration's. Embedded stores do the same when their server starts. Nothing is lost but places in the queue for
-- locks, which live for seconds anyway. test/integration/baseline.test.ts compares the outcome with a new database.
--
-- from 20261122000000_create_memory 4b1eccdf714269b30b69f7e8ef0a9bdfd280dc9cfe1ce1140fd7bb47be24019d
-- from 20261122120000_index_expiring_passages 58a4cdfe171028839e264a7a55fba2a8bb678293390a849252dd7e4e83b47aa5
-- from 20261122200000_create_coordination 1ea2fac4607f5b6b85850440839720d641f0fb8ed1ff9e16eba506c2b57d2d1e
-- from 20261122230000_hand_over_locks db4e4359f754e43ba7e2c9d5409d55e2bf77cde48ad9bbe85feb4c982afea100
-- from 20261125210000_keep_plans_right 45b7b3b0156f772d82ea2969ae4f9ebc32eda0afedc6d18d0472965a2f5e5f98
-- from 20261125220000_quicken_locks b5d93d7412c9dd7550be102e04a752db3c21987912eace9c1f7955980d22a3b3
-- to 20261126000000_init

-- == Functions and views: all are made again

DROP VIEW memory_texts;
DROP FUNCTION acquire_locks;
DROP FUNCTION close_locks;
DROP FUNCTION cut_passages;
DROP FUNCTION decision_search_text;
DROP FUNCTION describe_blocking;
DROP FUNCTION disconnect_agent;
DROP FUNCTION end_locks;
DROP FUNCTION hand_over;
DROP FUNCTION insight_search_text;
DROP FUNCTION is_same_owner;
DROP FUNCTION leave_notice;
DROP FUNCTION leave_queue;
DROP FUNCTION log_ended;
DROP FUNCTION lost_proof;
DROP FUNCTION popstash_identifiers;
DROP FUNCTION popstash_length;
DROP FUNCTION popstash_tsvector;
DROP FUNCTION popstash_word_parts;
DROP FUNCTION popstash_words;
DROP FUNCTION release_locks;
DROP FUNCTION stash_search_text;
DROP FUNCTION who_waits_for;
DROP FUNCTION take_turn;

-- == Tables

TRUNCATE lock_waiters;
