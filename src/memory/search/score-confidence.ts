import type { Evidence, QueryTraits } from './evidence.js';
import { knownMeaning } from './read-meaning.js';

/**
 * Logistic regression of "this is the best hit of a question that has an answer here", on ten sets whose questions are also
 * asked of the other sets' memories, every set alike (docs/decisions/nothing-relevant.md). By meaning and by the share of the
 * query's words; against them count how many passages the best was chosen from, since the best of many is near by chance, and
 * their length, since a long text holds much.
 */
const INTERCEPT = -2.37;
const COSINE = 14.94;
const COVERAGE = 5.41;
const LOG_PASSAGES = -1.01;
const LOG_LENGTH = -1.31;
/** Projects with fewer passages count as this many: few notes say nothing about chance. */
const MIN_PASSAGES = 60;
/** Mean lengths, in words, between which the regression holds. */
const LENGTHS = { min: 25, max: 400, unit: 100 } as const;

/** The same for a script that the model does not know: the share of the words alone, relevant from MIN_COVERAGE on. */
const UNKNOWN_COVERAGE = 10;
const MIN_COVERAGE = 0.28;

/** Evidence from which a hit is relevant, chosen by the questions that may be refused; and how steep scores are. */
const RELEVANT_EVIDENCE = -1.75;
const STEEPNESS = 0.7;

/** The score of a hit with RELEVANT_EVIDENCE. Under one half: an agent can reject a doubtful hit, not find a missing one. */
export const RELEVANT_SCORE = 0.35;
const SHIFT = Math.log(RELEVANT_SCORE / (1 - RELEVANT_SCORE));

/** With a smaller share of known letters words alone decide whether a memory is relevant. */
export const MIN_KNOWN_SHARE = 0.5;

/** Names less alike than this say nothing (pg_trgm's own limit is 0.3, which unrelated names reach). */
export const NAME_FLOOR = 0.4;
const NAME_WEIGHT = 0.6;
/** An identifier in this few memories picks them out; in more, it does so in proportion less. */
const RARE_SPREAD = 5;
const IDENTIFIER_WEIGHT = 0.85;

/** How sure it is that a memory is relevant, 0 to 1, whatever else was found. */
export function confidenceOf(evidence: Evidence, { knownShare, passages, meanLength }: QueryTraits): number {
  const { coverage } = evidence;
  const length = Math.min(LENGTHS.max, Math.max(LENGTHS.min, meanLength)) / LENGTHS.unit;
  const known =
    INTERCEPT +
    COSINE * knownMeaning(evidence) +
    COVERAGE * coverage +
    LOG_PASSAGES * Math.log(Math.max(passages, MIN_PASSAGES)) +
    LOG_LENGTH * Math.log(length);
  const unknown = RELEVANT_EVIDENCE + UNKNOWN_COVERAGE * (coverage - MIN_COVERAGE);
  const sure = knownShare * known + (1 - knownShare) * unknown;
  return addNames(1 / (1 + Math.exp(-STEEPNESS * (sure - RELEVANT_EVIDENCE) - SHIFT)), evidence);
}

/** Names and identifiers add a share of what is missing to 1; an equal name makes it 1. */
export function addNames(score: number, evidence: Evidence): number {
  if (evidence.nameMatch >= 1) return 1;
  const name = NAME_WEIGHT * Math.max(0, (evidence.nameMatch - NAME_FLOOR) / (1 - NAME_FLOOR));
  const identifier =
    evidence.identifierSpread > 0 ? IDENTIFIER_WEIGHT * Math.min(1, RARE_SPREAD / evidence.identifierSpread) : 0;
  return Math.min(0.999, 1 - (1 - score) * (1 - name) * (1 - identifier));
}
