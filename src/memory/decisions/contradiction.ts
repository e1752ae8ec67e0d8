/**
 * Cosine from which a decision that was made after a memory may contradict it, so that a hit names it.
 * Cosine of all-MiniLM-L6-v2; unrelated English texts lie under 0.3, paraphrases over 0.7.
 */
export const MIN_CONTRADICTION_COSINE = 0.55;

/** Newest decisions that a hit is compared with: in the database each comparison reads two vectors. */
export const MAX_COMPARED_DECISIONS = 200;
