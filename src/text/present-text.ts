/**
 * Stored text is returned as data, without characters that a person can't see but a model reads.
 *
 * Round trips stay byte-equal: text is *stored* as it came, byte for byte, and every visible text
 * comes back byte-equal, emoji sequences, Arabic, Hebrew, Indic scripts and every kind of white space included.
 * Only a text that holds invisible or bidirectional controls outside their proper use comes back without them, and
 * the answer then says how many were left out. The stored row keeps them: nothing is lost, search sees the original.
 */
export interface PresentedText {
  text: string;
  /** Code points left out; 0 means that the text is byte-equal to what was stored. */
  removed: number;
}

/**
 * Characters that may be left out: controls other than white space, Unicode's default ignorable code points (zero-width
 * characters, bidirectional controls, soft hyphen, fillers, variation selectors, the tags block) and interlinear
 * annotation controls. Made as in show-controls.ts.
 */
const suspect = () => /(?![\t-\r\x85])[\p{Cc}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/u;

/** Looks ahead for a character that a person can see. */
const VISIBLE = '(?!\\p{Default_Ignorable_Code_Point})';

/** Proper uses of such characters, matched whole with the character before them, and kept. */
const PROPER_USES = [
  // The flag of a region such as Scotland: a black flag, its code in tag letters and digits, the cancel tag.
  '\\u{1F3F4}[\\u{E0030}-\\u{E0039}\\u{E0061}-\\u{E007A}]{3,6}\\u{E007F}',
  // An emoji joined to the next one, with its skin tone or presentation selector.
  '\\p{Extended_Pictographic}\\p{Emoji_Modifier}?\\uFE0F?\\u200D(?=\\p{Extended_Pictographic})',
  // Text or emoji presentation of a character that has both.
  '\\p{Emoji}[\\uFE0E\\uFE0F]',
  // A variant of an ideograph, of a mathematical sign, of a Mongolian letter.
  '\\p{Unified_Ideograph}[\\uFE00-\\uFE02\\u{E0100}-\\u{E01EF}]',
  '\\p{Math}\\uFE00',
  `${VISIBLE}\\p{Script=Mongolian}[\\u180B-\\u180F]`,
  // Joiners in the scripts that spell with them: Arabic and its kin, and the Brahmic family.
  [
    `${VISIBLE}[\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Mongolian}\\p{Script=Devanagari}\\p{Script=Bengali}`,
    '\\p{Script=Gurmukhi}\\p{Script=Gujarati}\\p{Script=Oriya}\\p{Script=Tamil}\\p{Script=Telugu}',
    '\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Sinhala}\\p{Script=Khmer}\\p{Script=Myanmar}]',
    `(?:${VISIBLE}\\p{Mn})?[\\u200C\\u200D](?=${VISIBLE}[\\p{L}\\p{M}])`,
  ].join(''),
  // The fillers of old Hangul syllables, between their other parts.
  '[\\u1100-\\u115E]\\u1160|\\u115F(?=[\\u1161-\\u11A7])',
];

/** Made when a text first needs it: a hook, for which an edit waits, shows hardly any. */
let suspects: RegExp | undefined;

/**
 * A stored text as it may be returned, and how much was left out.
 * Idempotent; a text without suspects costs one scan and is returned as it is.
 */
export function presentText(text: string): PresentedText {
  if (!suspect().test(text)) return { text, removed: 0 };
  let removed = 0;
  suspects ??= new RegExp(`(?<keep>${PROPER_USES.join('|')})|(?:${suspect().source})+`, 'gu');
  const presented = text.replace(suspects, (match: string, keep: string | undefined) => {
    if (keep !== undefined) return keep;
    removed += [...match].length;
    return '';
  });
  return { text: presented, removed };
}

/** `presentText(text).text`, for names, keys and tags, where the count is not needed. */
export function stripInvisible(text: string): string {
  return presentText(text).text;
}
