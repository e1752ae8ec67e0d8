import { oneLine } from '../output/show-text.js';
import { wrapText } from '../output/wrap-text.js';
import type { ImportSummary } from './import-records.js';
import type { ImportAnswer } from './run-import.js';

/** Renamed memories that are named one by one. */
const MAX_RENAMED = 10;

/** What an import did, or would do, for people. */
export function describeImport({ import_id: id, sources }: ImportAnswer, isDryRun: boolean, width: number): string[] {
  const written = sources.reduce((sum, each) => sum + each.new + each.updated, 0);
  const last = isDryRun
    ? `Nothing was written. Without --dry-run ${written} memories would be.`
    : id === null
      ? 'Nothing was written.'
      : `Wrote ${written} memories as ${id}; popstash import --undo ${id} takes them back.`;
  return [...sources.flatMap(describeSource), last].flatMap((line) => {
    const indent = line.startsWith('  ') ? '  ' : '';
    return wrapText(line.slice(indent.length), width - indent.length).map((part) => `${indent}${part}`);
  });
}

function describeSource(summary: ImportSummary): string[] {
  const { memories, changed_here: changedHere, with_secrets: withSecrets, secrets, renamed, problems } = summary;
  const counts = [
    `${summary.new} new`,
    summary.updated > 0 ? `${summary.updated} changed in the source` : '',
    `${summary.duplicate} here already`,
    changedHere > 0 ? `${changedHere} left as they were changed here` : '',
    summary.refused > 0 ? `${summary.refused} refused` : '',
    `${withSecrets} with secrets${withSecrets > 0 ? `, which are taken out (${secrets.join(', ')})` : ''}`,
  ].filter((part) => part !== '');
  return [
    `${summary.source}: ${oneLine(summary.origin)}`,
    `  ${memories} memories: ${counts.join(', ')}`,
    ...renamed
      .slice(0, MAX_RENAMED)
      .map(({ name, as }) => `  ${oneLine(name)} is in use here: it is called ${oneLine(as)}`),
    ...(renamed.length > MAX_RENAMED ? [`  and ${renamed.length - MAX_RENAMED} more got another name`] : []),
    ...problems.map(({ where, reason }) => `  not imported: ${oneLine(where)}: ${oneLine(reason)}`),
  ];
}
