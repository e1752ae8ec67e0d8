// @ts-check
// What functions and views a database holds, in PostgreSQL's own words.
import { readFunctionFiles } from './function-files.mjs';

/** @typedef {(sql: string) => Promise<Record<string, any>[]>} Query runs one or more statements; rows of the last */

/**
 * @typedef {object} Definition
 * @property {'function' | 'view'} kind
 * @property {string} name
 * @property {string} signature argument types of a function: what DROP FUNCTION asks for
 * @property {string} contract what CREATE OR REPLACE can't change: arguments and result, or a view's columns
 * @property {string} text
 */

/**
 * The functions and views of a schema but for those that an extension made, by name.
 * @param {Query} query
 * @param {string} [schema]
 * @returns {Promise<Definition[]>}
 */
export async function listDefinitions(query, schema = 'public') {
  const rows = await query(`
    SELECT 'function' AS kind, p.proname AS name, pg_get_function_identity_arguments(p.oid) AS signature,
           pg_get_function_arguments(p.oid) || ' -> ' || pg_get_function_result(p.oid) AS contract,
           pg_get_functiondef(p.oid) AS text
      FROM pg_proc p
     WHERE p.pronamespace = '${schema}'::regnamespace AND p.prokind IN ('f', 'p') AND NOT EXISTS (
       SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 'view', c.relname, '', (
             SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
               FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0), pg_get_viewdef(c.oid)
      FROM pg_class c WHERE c.relnamespace = '${schema}'::regnamespace AND c.relkind = 'v'
    ORDER BY 1, 2, 3`);
  const qualified = new RegExp(`\\b${schema}\\.`, 'g');
  return rows.map(({ kind, name, signature, contract, text }) => ({
    kind,
    name,
    signature: signature.replaceAll(qualified, ''),
    contract: contract.replaceAll(qualified, ''),
    text: unqualified(text.replaceAll(qualified, '').trim()),
  }));
}

/**
 * What the files of prisma/functions define, as the same database words it. They are loaded into a schema of their own,
 * which is gone afterwards; the tables that they name have to be there.
 * @param {Query} query on one session
 * @param {string} root folder of the package
 * @returns {Promise<Definition[]>}
 * @throws the database's error, with the name of the file
 */
export async function listFileDefinitions(query, root) {
  await query(`BEGIN; CREATE SCHEMA from_files; SET LOCAL search_path = from_files, public`);
  try {
    for (const { name, sql } of readFunctionFiles(root)) {
      await query(sql).catch((error) => {
        throw new Error(`prisma/functions/${name}.sql: ${error.message}`, { cause: error });
      });
    }
    return await listDefinitions(query, 'from_files');
  } finally {
    await query('ROLLBACK');
  }
}

/**
 * From version 16 on, PostgreSQL leaves the table's name away from the columns of a query on one table.
 * @param {string} text
 */
function unqualified(text) {
  return text.startsWith('CREATE OR REPLACE FUNCTION') ? text : text.replace(/\b[a-z_]+\.(?=[a-z_]+\b(?!\())/g, '');
}
