-- AlterTable
ALTER TABLE "cases" ADD COLUMN "priority" TEXT;

-- CreateIndex
CREATE INDEX "cases_priority_idx" ON "cases"("priority");

-- Reads the priority of a case, also of one written by a version that does not know the column
CREATE FUNCTION "case_priority"("the_case" "cases") RETURNS TEXT LANGUAGE plpgsql STABLE AS $$
DECLARE
    fallback CONSTANT TEXT := 'normal; not set';
BEGIN
    RETURN COALESCE("the_case"."priority", split_part(fallback, ';', 1));
END;
$$;

COMMENT ON COLUMN "cases"."priority" IS 'low, normal or urgent; null = written before the column existed';
