-- Run after the migrations: each statement raises an error when what it looks at is not as it must be.
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM "_prisma_migrations" WHERE "finished_at" IS NULL AND "rolled_back_at" IS NULL) THEN
        RAISE EXCEPTION 'a migration started and neither finished nor was rolled back; see _prisma_migrations';
    END IF;
END;
$$;

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM "users" WHERE "role" = 'system') THEN
        RAISE EXCEPTION 'the system user is missing; migration add_users_and_sessions did not insert it';
    END IF;
END;
$$;

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_index WHERE NOT indisvalid) THEN
        RAISE EXCEPTION 'an index is invalid; a concurrent build failed';
    END IF;
END;
$$;

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM "case_events" e LEFT JOIN "cases" c ON c."id" = e."case_id" WHERE c."id" IS NULL) THEN
        RAISE EXCEPTION 'case_events without their case; the foreign key does not hold';
    END IF;
END;
$$;
