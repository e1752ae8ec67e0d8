// @ts-check
import { call, callSilently, sayCall } from './clients.mjs';
import { drawTrace } from './draw-trace.mjs';
import { answer, bold, clip, dim, green, say, step } from './terminal.mjs';

/** @typedef {import('./clients.mjs').Agent} Agent */
/** @typedef {Awaited<ReturnType<typeof import('./receive-spans.mjs').startReceiver>>} Receiver */

/** Spans are sent by the second; this is only the bound of a hang. */
const TRACE_WITHIN_MS = 30_000;
/** The last spans of a call that writes: once they are there, the trace is whole. */
const WHOLE_TRACE = ['tools/call insight', 'pop_stash.passage.embed', 'pop_stash.job.embedding'];

/**
 * What the agents did, what it cost, and where one call spent its time.
 * @param {Agent} agent @param {readonly string[]} sessionIds @param {Receiver} receiver @param {string} traceId
 */
export async function showAccount(agent, sessionIds, receiver, traceId) {
  step('9. What they did, what it cost, and where one call spent its time.');
  const [{ activities }, took] = await call(agent, 'timeline', { limit: 12 });
  for (const { name, agent: id, description } of activities) {
    const who = (name ?? id ?? '').padEnd(13);
    say(`      ${green(who)} ${clip(description, 7 + who.length)}`);
  }
  answer(dim('newest first'), took);
  for (const session_id of sessionIds) await showSession(agent, session_id);
  say(dim('      Reported: these two agents made their tokens up, no model was asked.'));
  say(dim("      With hooks, PopStash reads each request in the clients' own records."));

  const trace = await receiver.waitForTrace(traceId, WHOLE_TRACE, TRACE_WITHIN_MS);
  say(`\n  The ${bold('insight')} of act 3, from the call to its vector: one trace, sent by OTLP.`);
  drawTrace(trace);
}

/** @param {Agent} agent @param {string} session_id */
async function showSession(agent, session_id) {
  sayCall(agent, 'session_summary', { session_id });
  const [session, took] = await callSilently(agent, 'session_summary', { session_id });
  const { tokens, cost_usd, grade } = session;
  say(
    `      ${bold(session.task)} ${dim(`(${session.status})`)} by ${session.agent}: ${session.files_touched.join(', ')}`,
  );
  const cost = cost_usd === null ? 'no price is known' : `$${cost_usd}`;
  // The grade is the product's own word for how it knows: here "reported".
  answer(`${tokens.tokens_in} tokens in, ${tokens.tokens_out} out: ${bold(cost)}, ${grade} by the agent`, took);
}
