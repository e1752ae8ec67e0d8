import { checkHeader, linkVersions, readRecord } from '../transfer/own-format.js';
import type { SourceReading } from './source-types.js';

/** Reads an export of ours. @throws AppError `invalid_argument` for a file that is none, or of a newer version */
export function readOwnExport(text: string): SourceReading {
  const lines = text.replace(/^\ufeff/, '').split('\n');
  checkHeader(lines[0] ?? '');
  const reading: SourceReading = { records: [], problems: [] };
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '') continue;
    const record = readRecord(line);
    if (typeof record === 'string') reading.problems.push({ where: `line ${index + 1}`, reason: record });
    else reading.records.push(record);
  }
  return { ...reading, records: linkVersions(reading.records) };
}
