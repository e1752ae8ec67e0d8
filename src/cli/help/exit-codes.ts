const USAGE = '2 wrong usage';

/** Commands whose codes say more than that they worked. */
const OWN: Readonly<Record<string, string>> = {
  popstash: `0 done, 1 failed (each command's --help says when), ${USAGE}`,
  'popstash doctor': `0 all works, also with warnings, 1 something is broken, ${USAGE}`,
  'popstash locks release': `0 released, 1 nothing was held there, or it failed, ${USAGE}`,
  'popstash init': `0 done, 1 a file was left alone, or it failed, ${USAGE}`,
  'popstash eval': `0 done, 1 found less than before (--against), or it failed, ${USAGE}`,
  'popstash hook': "0 with the verdict on stdout, or the client's own code for a refusal; 1 wrong usage",
  'popstash mcp': '0 the client has gone, 1 it could not start',
  'popstash serve':
    '0 another server does the work, or told to end, 1 it could not go on, 3 the data folder is blocked',
  'popstash worker': `0 told to end, 1 it could not go on, ${USAGE}`,
};

/** @param command `popstash costs audit` */
export function describeExitCodes(command: string): string {
  if (command.startsWith('popstash guard ')) return `0 may go on, 1 refused, ${USAGE}`;
  return OWN[command] ?? `0 done, 1 failed, ${USAGE}`;
}
