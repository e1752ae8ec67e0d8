import { claudeCode, hooksFile } from '../src/hooks/clients/claude-code.js';
import { hooksTarget } from '../src/hooks/install/hook-file-targets.js';
import { PLUGIN_FLAG, sharedHookCommand } from '../src/hooks/install/launcher/launcher-path.js';
import { RULES } from '../src/hooks/install/rules-target.js';
import { serversTarget } from '../src/hooks/install/server-targets.js';

/** The part of package.json that the plugin repeats. */
export interface PackageFacts {
  version: string;
  description: string;
  homepage: string;
  repository: { url: string };
  author: string;
  license: string;
}

/** Folder of the plugin, in the repository that is its marketplace. */
const FOLDER = 'plugin';
const NAME = 'popstash';
const KEYWORDS = ['memory', 'coordination', 'file-locks', 'costs', 'mcp'];

/** The plugin for Claude Code and the marketplace file that offers it: files by their path in the repository. */
export function renderPlugin(facts: PackageFacts): Record<string, string> {
  const start = `npx -y popstash@${facts.version.split('.')[0]}`;
  const files: Record<string, string> = {
    '.claude-plugin/plugin.json': toJson(describePlugin(facts)),
    '.mcp.json': renderServers(start),
    'hooks/hooks.json': renderHooks(),
    'skills/working-beside-others/SKILL.md': renderSkill(),
    'commands/status.md': renderCommand({
      start,
      words: 'status',
      description: 'Who works here, who holds which files, what it costs',
      task: 'Tell the user in a few lines what matters in this: who works at what, who waits for whom, what is held.',
    }),
    'commands/costs.md': renderCommand({
      start,
      words: 'costs --since 7d',
      description: 'What agents have cost in this project in the last seven days',
      task: 'Tell the user the total, and what stands out.',
    }),
    'commands/doctor.md': renderCommand({
      start,
      words: 'doctor',
      description: 'Check PopStash here, and prove that the edit of a held file is denied',
      task: 'If a check is broken, tell the user what it means and the command that mends it. Run that command only if the user agrees.',
    }),
    'commands/statusline.md': renderStatusLine(start),
    'README.md': renderReadme(start),
  };
  const inFolder = Object.entries(files).map(([path, text]) => [`${FOLDER}/${path}`, text]);
  return { ...Object.fromEntries(inFolder), '.claude-plugin/marketplace.json': toJson(describeMarketplace(facts)) };
}

function describePlugin({ version, description, homepage, repository, author, license }: PackageFacts): object {
  return {
    name: NAME,
    version,
    description,
    author: { name: author },
    homepage,
    repository: repository.url.replace(/^git\+|\.git$/g, ''),
    license,
    keywords: KEYWORDS,
  };
}

function describeMarketplace({ description, author }: PackageFacts): object {
  return {
    name: NAME,
    description,
    owner: { name: author },
    plugins: [{ name: NAME, source: `./${FOLDER}`, description, category: 'productivity', keywords: KEYWORDS }],
  };
}

function renderServers(start: string): string {
  const [command = '', ...args] = start.split(' ');
  const file = { kind: 'servers', path: '', field: 'mcpServers' } as const;
  return serversTarget(file, { command, args: [...args, 'mcp'] }).add(null);
}

function renderHooks(): string {
  const word = (event: string) => {
    const command = `${sharedHookCommand()} ${event} ${PLUGIN_FLAG}`;
    return { command, posix: command, powershell: command };
  };
  return hooksTarget(claudeCode, hooksFile(''), word).add(null);
}

function renderSkill(): string {
  return `---
name: working-beside-others
description: How to work beside other AI agents with PopStash - claim files before editing, recall and record what is known, hand work over. Use at the beginning of every task that changes files, when an edit or a commit is denied because another agent holds the file, and before stopping in the middle of work.
---

${RULES}

When an edit is denied, the answer names who holds the file, at what task, and for how long. Do not write it by another way. Work on something else, wait with \`acquire\` and \`wait_seconds\`, or ask the user.
`;
}

interface CommandFacts {
  start: string;
  words: string;
  description: string;
  task: string;
}

function renderCommand({ start, words, description, task }: CommandFacts): string {
  return `---
description: ${description}
allowed-tools: Bash(${start} ${words})
---

!\`${start} ${words}\`

${task}
`;
}

function renderStatusLine(start: string): string {
  const command = `${start} init --statusline --yes`;
  return `---
description: Show task, locks and cost of PopStash's agent in the status line
allowed-tools: Bash(${command})
---

Run \`${command}\`. It writes \`statusLine\` into the user's \`~/.claude/settings.json\` and nothing else. If it says that there is a status line already, tell the user what it prints to add by hand. Tell the user that \`${start} uninstall --user\` takes it out, and that new windows show it.
`;
}

function renderReadme(start: string): string {
  return `# PopStash for Claude Code

Memory, coordination and accountability for AI coding agents: agents claim files before they edit, an edit or commit of a file that another agent holds is denied, what one session has learned the next one knows, and each task has its cost.

\`\`\`
/plugin marketplace add popstash/popstash
/plugin install popstash@popstash
\`\`\`

The plugin starts the server by \`${start} mcp\`, and brings hooks, a skill, and the commands \`/popstash:status\`, \`/popstash:costs\`, \`/popstash:doctor\` and \`/popstash:statusline\`. Git's guards, which refuse commits, are installed for each repository by \`${start} init\`. Where \`init\` has written hooks too, each edit is asked about once.

\`/plugin uninstall popstash@popstash\` takes it out; what agents have stored stays in PopStash's data folder.

<!-- Generated by scripts/build-plugin.mjs from the definition of the client: edit there. -->
`;
}

function toJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
