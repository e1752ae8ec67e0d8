import type { Target } from './install-types.js';
import { appendBlock, removeBlock } from './texts/text-block.js';

const MARKERS = { begin: '<!-- popstash: begin -->', end: '<!-- popstash: end -->' };

/** How an agent works beside others, in Markdown. */
export const RULES = `## PopStash: working beside other agents

- Begin each piece of work with \`start_task\`: what you will do, and the files or globs you will edit. It locks them for you and returns what is known of the task. If they are held, stop and tell the user who holds them, or wait with \`wait_seconds\`.
- Before a question of design: \`get_decisions\`. After one: \`decide\`, with the reasoning.
- What a later session should know: \`insight\`. Before you stop in the middle, or when context grows long: \`stash\`; to go on: \`pop\`.
- Read the \`notices\` that come with answers. What others should know now: \`announce\`.
- Leave files that another agent holds alone, also by shell commands and git. Finish with \`end_task\`.`;

/** The rules for agents, in a file that clients read at the start of every session. */
export function rulesTarget(path: string): Target {
  return {
    path,
    isExecutable: false,
    paste: RULES,
    add: (before) => appendBlock(before ?? '', MARKERS, RULES.split('\n')),
    remove: (content) => removeBlock(content, MARKERS),
  };
}
