// @ts-check
import { call, callSilently, sayCall } from './clients.mjs';
import { answer, bold, clip, dim, green, red, say, step } from './terminal.mjs';

/** @typedef {import('./clients.mjs').Agent} Agent */

const FILE = 'src/auth/token.ts';

/** What each agent is to do, and the tokens that it says it used. No model is asked in the demo: they are made up. */
const WORK = {
  'claude-code': {
    task: 'Implement JWT refresh tokens',
    summary: 'Refresh tokens are issued and rotated',
    usage: { tokens_in: 18_400, tokens_out: 2_150, model: 'claude-opus-4-5' },
  },
  cursor: {
    task: 'Rename the auth claims',
    summary: 'Renamed sub to user_id in all claims',
    usage: { tokens_in: 9_300, tokens_out: 1_240, model: 'gpt-5' },
  },
};

/** @param {Agent} agent */
const workOf = (agent) => WORK[/** @type {keyof typeof WORK} */ (agent.name)];

/**
 * Two agents race for one file; the winner is killed, and the loser gets it.
 * @param {Agent} first @param {Agent} second
 * @returns {Promise<{ survivor: Agent; sessionIds: string[] }>}
 */
export async function showCoordination(first, second) {
  step('5. Two agents start a task on the same file, at once. One gets it.');
  const starts = [first, second].map((agent) => ({ agent, args: { task: workOf(agent).task, files: [FILE] } }));
  for (const { agent, args } of starts) sayCall(agent, 'start_task', args);
  const answers = await Promise.all(
    starts.map(async ({ agent, args }) => {
      const [started, took] = await callSilently(agent, 'start_task', args);
      return { agent, started, took };
    }),
  );
  const winner = answers.find(({ started }) => started.session_id);
  const loser = answers.find(({ started }) => !started.session_id);
  if (!winner || !loser) throw new Error('not exactly one of two got the file');
  sayWinner(winner);
  const [conflict] = loser.started.locks.conflicts;
  answer(`${red(loser.agent.name)} gets nothing and is told who, what and how long:`, loser.took);
  say(`      held by ${bold(conflict.name)}: “${clip(conflict.task, 40)}”`);
  say(`      for ${conflict.held_for}, free in ${conflict.expires_in} unless it shows a sign of life`);

  step('6. The holder reports its tokens and crashes. Its lock goes to the next.');
  const [reported, reportTook] = await call(winner.agent, 'report_cost', workOf(winner.agent).usage);
  answer(`$${reported.session_total.cost_usd}, grade: ${reported.grade}`, reportTook);
  const ended = await crash(winner.agent, loser.agent);
  return { survivor: loser.agent, sessionIds: [winner.started.session_id, ended.session_id] };
}

/** @param {{ agent: Agent; started: any; took: number }} winner */
function sayWinner({ agent, started: { locks, context }, took }) {
  const known = [...context.recent_decisions, ...context.relevant_stashes, ...context.relevant_insights];
  const token = dim(`(token ${locks.tokens[0]}, for ${locks.expires_in})`);
  answer(`${green(agent.name)} has ${bold(FILE)} ${token}`, took);
  const names = known.map(({ topic, name, key }) => bold(topic ?? name ?? key));
  say(`      and is told what is known: ${names.join(', ')}`);
}

/** @param {Agent} holder @param {Agent} waiter */
async function crash(holder, waiter) {
  const { task, summary, usage } = workOf(waiter);
  const again = { task, files: [FILE], wait_seconds: 30 };
  sayCall(waiter, 'start_task', again);
  const queue = new Promise((resolve) => {
    waiter.onProgress = resolve;
  });
  const waiting = callSilently(waiter, 'start_task', again);
  const queued = await Promise.race([queue, waiting.then(() => null)]);
  if (queued) say(`      ${dim(clip(queued.message, 6))}`);
  if (holder.pid === null) throw new Error('the holder has no process');
  const killed = performance.now();
  process.kill(holder.pid, 'SIGKILL');
  say(`  ${dim(`kill -9 ${holder.pid}`)} ${red(holder.name)} ${dim('is dead')}`);
  const [taken] = await waiting;
  const token = dim(`(token ${taken.locks.tokens[0]})`);
  answer(`${green(waiter.name)} has ${bold(FILE)} ${token}, after`, performance.now() - killed);
  const [ended, endTook] = await call(waiter, 'end_task', { summary, ...usage });
  answer(`${ended.status} after ${ended.duration}; released ${ended.locks_released.join(', ')}`, endTook);
  return ended;
}
