/** Migrations as Prisma and people write them, semicolons inside of bodies and literals included: name → script. Each needs the ones before it. */
export function realisticMigrations(count: number): Record<string, string> {
	return Object.fromEntries(
		Array.from({ length: count }, (_, index) => {
			const kind = KINDS[index % KINDS.length] ?? createTable;
			const stamp = String(20_260_101_000_000 + index * 100);
			return [`${stamp}_${kind.name.toLowerCase()}`, kind(Math.floor(index / KINDS.length))];
		}),
	);
}

type Kind = (entity: number) => string;

const createTable: Kind = (n) => `-- CreateEnum
CREATE TYPE "Status${n}" AS ENUM ('OPEN', 'DONE');

-- CreateTable
CREATE TABLE "Entity${n}" (
    "id" SERIAL NOT NULL,
    "title" TEXT NOT NULL,
    "status" "Status${n}" NOT NULL DEFAULT 'OPEN',
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Entity${n}_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Entity${n}_createdAt_idx" ON "Entity${n}"("createdAt" DESC);
`;
const insertRows: Kind = (n) => `INSERT INTO "Entity${n}" ("title") SELECT 'title; ' || g FROM generate_series(1, 20) g;

CREATE FUNCTION touch_${n}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW."createdAt" := now();
    RETURN NEW;
END;
$$;
CREATE TRIGGER "Entity${n}_touch" BEFORE UPDATE ON "Entity${n}" FOR EACH ROW EXECUTE FUNCTION touch_${n}();
`;
const addColumns: Kind = (n) => `-- AlterTable
ALTER TABLE "Entity${n}" ADD COLUMN     "ownerId" INTEGER,
ADD COLUMN     "settings" JSONB NOT NULL DEFAULT '{}';
`;
const addForeignKey: Kind = (n) => `-- AddForeignKey
ALTER TABLE "Entity${n}" ADD CONSTRAINT "Entity${n}_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "Entity${n === 0 ? 0 : n - 1}"("id") ON DELETE SET NULL ON UPDATE CASCADE;
`;
const fillColumn: Kind = (n) => `UPDATE "Entity${n}" SET "ownerId" = 1;

/*
  Warnings:

  - Made the column \`ownerId\` required.
*/
-- AlterTable
ALTER TABLE "Entity${n}" ALTER COLUMN "ownerId" SET NOT NULL;
`;
const addEnumValue: Kind = (n) => `-- AlterEnum
ALTER TYPE "Status${n}" ADD VALUE 'ARCHIVED';
`;
const rename: Kind = (n) => `-- AlterTable
ALTER TABLE "Entity${n}" RENAME COLUMN "title" TO "name";
ALTER TABLE "Entity${n}" DROP COLUMN "settings";

-- CreateIndex
CREATE UNIQUE INDEX "Entity${n}_name_key" ON "Entity${n}"("name");
`;

const KINDS: readonly Kind[] = [createTable, insertRows, addColumns, addForeignKey, fillColumn, addEnumValue, rename];
