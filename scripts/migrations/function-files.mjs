// @ts-check
// prisma/functions/NAME.sql: the current definition of each SQL function and view, one a file.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The line of a migration from which on it holds whole definitions from prisma/functions, and nothing else. */
export const FUNCTIONS_MARKER = '-- == Functions and views, as in prisma/functions';

/**
 * @typedef {object} FunctionFile
 * @property {string} name of the function or view, and of its file
 * @property {string} sql one CREATE OR REPLACE statement, after a comment
 */

/**
 * All definitions, each behind those that it names: PostgreSQL checks the body of a function in SQL, and of a view, when
 * it is created. Functions in PL/pgSQL may name each other in a cycle; their order is by name.
 * @param {string} root folder of the package
 * @returns {FunctionFile[]}
 * @throws Error when a file holds anything but the one definition that it is named after
 */
export function readFunctionFiles(root) {
  const folder = join(root, 'prisma', 'functions');
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((file) => readFunctionFile(folder, file));
  const ordered = new Set();
  const visiting = new Set();
  /** @param {FunctionFile} file */
  const visit = (file) => {
    if (visiting.has(file.name)) return;
    visiting.add(file.name);
    for (const other of files) if (mentions(file, other.name)) visit(other);
    ordered.add(file);
  };
  for (const file of files) visit(file);
  return [...ordered];
}

/**
 * @param {string} folder
 * @param {string} file
 * @returns {FunctionFile}
 */
function readFunctionFile(folder, file) {
  const sql = readFileSync(join(folder, file), 'utf8').trim();
  const name = file.replace(/\.sql$/, '');
  const defined = [...withoutComments(sql).matchAll(/^CREATE OR REPLACE (?:FUNCTION|VIEW) (\w+)/gm)].map(
    ([, each]) => each,
  );
  if (defined.length !== 1 || defined[0] !== name || !sql.endsWith(';')) {
    throw new Error(
      `prisma/functions/${file} has to hold one statement: CREATE OR REPLACE FUNCTION (or VIEW) ${name} …;`,
    );
  }
  return { name, sql };
}

/**
 * @param {FunctionFile} file
 * @param {string} name
 */
function mentions(file, name) {
  return name !== file.name && new RegExp(`\\b${name}\\b`).test(withoutComments(file.sql));
}

/** @param {string} sql */
function withoutComments(sql) {
  return sql.replace(/--.*$/gm, '');
}
