import type { Tool } from '../define-tool.js';
import { forgetMemory } from './forget-memory.js';
import { getDecisions } from './get-decisions.js';
import { ping } from './ping.js';
import { popStash } from './pop-stash.js';
import { recallMemories } from './recall-memories.js';
import { recordDecision } from './record-decision.js';
import { saveInsight } from './save-insight.js';
import { saveStash } from './save-stash.js';

/** Every tool, in the order that clients show them. */
export const tools: readonly Tool[] = [
  ping,
  saveStash,
  popStash,
  saveInsight,
  recallMemories,
  recordDecision,
  getDecisions,
  forgetMemory,
];
