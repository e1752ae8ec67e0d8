import { findSecretsNow } from './secrets/find-secrets.js';
import { replaceFindings } from './secrets/replace-findings.js';

/** Longest line that is searched, in characters; a longer one is an error whose text is a whole document. */
const MAX_CHARS = 64 * 1024;

/**
 * A line of JSON without secrets: errors of libraries quote what they were given. A line that is too long to search, or
 * whose syntax a redaction cuts through, is replaced by one that says so.
 */
export function maskLogLine(line: string): string {
  if (line.length > MAX_CHARS) return replacement('a log line was too long to be searched for secrets');
  const findings = findSecretsNow(line);
  if (findings.length === 0) return line;
  const { text } = replaceFindings(line, findings);
  try {
    JSON.parse(text);
    return text;
  } catch {
    return replacement('a log line held a secret');
  }
}

function replacement(msg: string): string {
  return `${JSON.stringify({ level: 40, time: Date.now(), msg })}\n`;
}
