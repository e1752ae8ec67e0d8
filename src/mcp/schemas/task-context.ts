import * as z from 'zod';
import type { ContextEntry, TaskContext } from '../../memory/context/context-types.js';
import { humanAge } from '../../text/age.js';
import { presentAgent } from '../../text/present-agent.js';
import { agentFields } from './agent-output.js';
import { holdFields, presentHolds } from './hold-fields.js';
import { marked_wrong, type Presenter, presentWrong, wordPlace } from './tool-output.js';

/** What the project knows of a task when it begins. */
export const taskContext = z.object({
  relevant_stashes: z.array(
    z.object({
      name: z.string(),
      summary: z.string(),
      place: z.string().optional(),
      marked_wrong,
      ...holdFields,
      age: z.string(),
      author: z.string().nullable(),
    }),
  ),
  relevant_insights: z.array(
    z.object({
      key: z.string().optional(),
      insight_id: z.string().optional(),
      content: z.string(),
      place: z.string().optional(),
      marked_wrong,
      ...holdFields,
      age: z.string(),
      author: z.string().nullable(),
    }),
  ),
  recent_decisions: z.array(
    z.object({
      decision_id: z.string().optional(),
      topic: z.string(),
      decision: z.string(),
      reasoning: z.string().optional(),
      place: z.string().optional(),
      marked_wrong,
      ...holdFields,
      age: z.string(),
      author: z.string().nullable(),
    }),
  ),
  other_agents: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      ...agentFields,
      task: z.string(),
      files: z.array(z.string()),
      more_files: z.int().optional(),
    }),
  ),
  left_out: z
    .object({
      stashes: z.int().optional(),
      insights: z.int().optional(),
      decisions: z.int().optional(),
      agents: z.int().optional(),
    })
    .optional(),
});

export function presentContext(known: TaskContext, now: Date, shown: Presenter): z.input<typeof taskContext> {
  // The id of what is not shown whole: recall returns it by that. A stash is popped by its name.
  const idOfCut = (entry: ContextEntry) => (entry.place === null ? undefined : entry.id);
  const origin = ({ createdAt, author }: ContextEntry) => ({
    age: humanAge(createdAt, now),
    author: shown.author(author),
  });
  const { stash, insight, decision, agent } = known.leftOut;
  return {
    relevant_stashes: known.stashes.map((entry) => ({
      name: shown.text(entry.label ?? ''),
      summary: shown.text(entry.text),
      place: wordPlace(entry.place),
      marked_wrong: presentWrong(entry.wrongSessions),
      ...presentHolds(entry.holds, shown),
      ...origin(entry),
    })),
    relevant_insights: known.insights.map((entry) => ({
      key: entry.label === null ? undefined : shown.text(entry.label),
      insight_id: entry.label === null ? entry.id : idOfCut(entry),
      content: shown.text(entry.text),
      place: wordPlace(entry.place),
      marked_wrong: presentWrong(entry.wrongSessions),
      ...presentHolds(entry.holds, shown),
      ...origin(entry),
    })),
    recent_decisions: known.decisions.map((entry) => ({
      decision_id: idOfCut(entry),
      topic: shown.text(entry.label ?? ''),
      decision: shown.text(entry.text),
      reasoning: entry.reasoning === null ? undefined : shown.text(entry.reasoning),
      place: wordPlace(entry.place),
      marked_wrong: presentWrong(entry.wrongSessions),
      ...presentHolds(entry.holds, shown),
      ...origin(entry),
    })),
    other_agents: known.otherAgents.map((other) => ({
      id: other.agentId,
      ...presentAgent(other.agent),
      task: shown.text(other.task),
      files: other.files.map(shown.text),
      more_files: other.moreFiles || undefined,
    })),
    left_out:
      Object.keys(known.leftOut).length > 0
        ? { stashes: stash, insights: insight, decisions: decision, agents: agent }
        : undefined,
  };
}
