import { shellCommand } from '../../text/shell-command.js';
import { clients } from '../clients/client-list.js';
import type { StatusLineFile } from '../definition/client-files.js';
import { asFields, asText } from '../definition/payload-fields.js';
import type { Invocation, Target } from './install-types.js';
import { editJson, readJson, removeFromJson, removeJson, setJson } from './texts/edit-json.js';

const OURS = /popstash.* statusline\b|main\.js.* statusline\b/;

/** The files of a user's home folder that name PopStash's line as the status line of a client. */
export function statusLineTargets(home: string, { program, flags }: Invocation): Target[] {
  const command = shellCommand([...program, 'statusline', ...flags]);
  return clients.flatMap(({ statusLine }) => (statusLine ? [statusLineTarget(statusLine(home), command)] : []));
}

/** A user has one status line: another one stays. */
function statusLineTarget({ path, folders = [], field, value }: StatusLineFile, command: string): Target {
  const isOurs = (text: string) => OURS.test(asText(asFields(readJson(text, [field])).command) ?? '');
  return {
    path,
    folders,
    isExecutable: false,
    paste: JSON.stringify({ [field]: value(command) }, null, 2),
    add: (before) =>
      editJson(before, (text) => {
        if (readJson(text, [field]) !== undefined && !isOurs(text)) throw new Error('it has a status line already');
        return setJson(text, [field], value(command));
      }),
    remove: (content) => removeFromJson(content, (text) => (isOurs(text) ? removeJson(text, [field]) : text)),
  };
}
