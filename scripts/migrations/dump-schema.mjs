// @ts-check
// What a migrated database holds, as SQL for people and for comparison. Not pg_dump: its text differs between versions of
// PostgreSQL and needs its binary, while this one is the same on a server (15 and newer) and on PGlite.
import { listDefinitions } from './list-definitions.mjs';

/** @typedef {import('./list-definitions.mjs').Query} Query */

/** Prisma Migrate's own table of what was applied. */
const HISTORY = '_prisma_migrations';

const ENUMS = `
  SELECT t.typname AS name, string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) AS labels
    FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid WHERE t.typnamespace = 'public'::regnamespace
   GROUP BY 1 ORDER BY 1`;

const COMPOSITES = `
  SELECT c.relname AS name, json_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum) AS fields
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'c'
   GROUP BY 1 ORDER BY 1`;

/** Without the sequences of columns, which the column's own definition creates. */
const SEQUENCES = `
  SELECT c.relname AS name FROM pg_class c
   WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S' AND NOT EXISTS (
     SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i'))
   ORDER BY 1`;

const TABLES = `
  SELECT c.oid::int, c.relname AS name, c.relpersistence = 'u' AS unlogged FROM pg_class c
   WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> '${HISTORY}' ORDER BY 2`;

const COLUMNS = `
  SELECT a.attrelid::int AS "table", a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required,
         a.attidentity AS identity, a.attgenerated AS generated, pg_get_expr(d.adbin, d.adrelid) AS "default",
         CASE WHEN a.attcollation <> t.typcollation THEN l.collname END AS collation,
         CASE WHEN a.attstorage <> t.typstorage
           THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END
           END AS storage,
         CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END AS statistics
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
   WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
   ORDER BY a.attrelid, a.attnum`;

/** Without NOT NULL, which is written at the column: PostgreSQL 18 and newer also lists it as a constraint. */
const CONSTRAINTS = `
  SELECT conrelid::int AS "table", conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
   WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype IN ('c', 'f', 'p', 'u', 'x')
   ORDER BY conrelid, contype = 'p' DESC, conname`;

/** Without the indexes that constraints create. */
const INDEXES = `
  SELECT i.indrelid::int AS "table", c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
   WHERE c.relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
   ORDER BY 1, 2`;

/** Without the triggers that PostgreSQL creates for foreign keys. */
const TRIGGERS = `
  SELECT tgrelid::int AS "table", tgname AS name, pg_get_triggerdef(t.oid) AS definition
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
   WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal ORDER BY 1, 2`;

/**
 * @param {Query} query on a migrated database
 * @returns {Promise<string>} the text of prisma/schema.sql
 */
export async function dumpSchema(query) {
  const extensions = await query(`SELECT extname AS name FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1`);
  const enums = await query(ENUMS);
  const composites = await query(COMPOSITES);
  const sequences = await query(SEQUENCES);
  const tables = await dumpTables(query);
  const definitions = await listDefinitions(query);
  return [
    '-- Written by `npm run schema:dump`: what prisma/migrations make, in alphabetical order. To read, not to apply.',
    extensions.map(({ name }) => `CREATE EXTENSION ${name};`).join('\n'),
    ...enums.map(({ name, labels }) => `CREATE TYPE ${name} AS ENUM (${labels});`),
    ...composites.map(({ name, fields }) => `CREATE TYPE ${name} AS (\n${indented(fields)}\n);`),
    ...sequences.map(({ name }) => `CREATE SEQUENCE ${name};`),
    ...tables,
    ...definitions.map(({ kind, name, text }) =>
      kind === 'view' ? `CREATE VIEW ${name} AS\n ${text}` : `${text.replace('CREATE OR REPLACE', 'CREATE')};`,
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

/** @param {Query} query */
async function dumpTables(query) {
  const columns = await query(COLUMNS);
  const constraints = await query(CONSTRAINTS);
  const indexes = await query(INDEXES);
  const triggers = await query(TRIGGERS);
  return (await query(TABLES)).map(({ oid, name, unlogged }) => {
    const own = (/** @type {Record<string, any>[]} */ rows) => rows.filter((row) => row.table === oid);
    const lines = [
      ...own(columns).map(describeColumn),
      ...own(constraints).map((each) => `CONSTRAINT ${each.name} ${withoutSchema(each.definition)}`),
    ];
    const settings = own(columns).flatMap((column) => [
      ...(column.storage === null
        ? []
        : [`ALTER TABLE ${name} ALTER COLUMN ${column.name} SET STORAGE ${column.storage};`]),
      ...(column.statistics === null
        ? []
        : [`ALTER TABLE ${name} ALTER COLUMN ${column.name} SET STATISTICS ${column.statistics};`]),
    ]);
    return [
      `CREATE ${unlogged ? 'UNLOGGED ' : ''}TABLE ${name} (\n${indented(lines)}\n);`,
      ...settings,
      ...[...own(indexes), ...own(triggers)].map((each) => `${withoutSchema(each.definition)};`),
    ].join('\n');
  });
}

/** @param {Record<string, any>} column */
function describeColumn({ name, type, required, identity, generated, default: expression, collation }) {
  const value = expression === null ? '' : withoutSchema(expression);
  return [
    name,
    type,
    ...(collation ? [`COLLATE "${collation}"`] : []),
    ...(required ? ['NOT NULL'] : []),
    ...(identity ? [`GENERATED ${identity === 'a' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`] : []),
    ...(generated ? [`GENERATED ALWAYS AS (${value}) STORED`] : value ? [`DEFAULT ${value}`] : []),
  ].join(' ');
}

/** @param {string} text */
function withoutSchema(text) {
  return text.replaceAll('public.', '');
}

/** @param {string[]} lines */
function indented(lines) {
  return lines.map((line) => `    ${line}`).join(',\n');
}
