import type { Tool } from '../define-tool.js';
import { acquireLocks } from './acquire-locks.js';
import { announceMessage } from './announce-message.js';
import { endTask } from './end-task.js';
import { forgetMemory } from './forget-memory.js';
import { getDecisions } from './get-decisions.js';
import { listAgents } from './list-agents.js';
import { ping } from './ping.js';
import { popStash } from './pop-stash.js';
import { recallMemories } from './recall-memories.js';
import { recordDecision } from './record-decision.js';
import { releaseLocks } from './release-locks.js';
import { reportCost } from './report-cost.js';
import { saveInsight } from './save-insight.js';
import { saveStash } from './save-stash.js';
import { showTimeline } from './show-timeline.js';
import { startTask } from './start-task.js';
import { summarizeSession } from './summarize-session.js';

/** Every tool, in the order that clients show them. */
export const tools: readonly Tool[] = [
  ping,
  startTask,
  endTask,
  saveStash,
  popStash,
  saveInsight,
  recallMemories,
  recordDecision,
  getDecisions,
  acquireLocks,
  releaseLocks,
  announceMessage,
  listAgents,
  forgetMemory,
  reportCost,
  showTimeline,
  summarizeSession,
];
