// @ts-check
// A picture of a terminal as SVG: one still, or lines that appear one after the other and stay.

const CHAR_WIDTH = 8.4;
const LINE_HEIGHT = 19;
const PADDING = 16;
const BAR = 30;
const FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
/** The styles of src/cli/output/paint.ts, and those of this script. */
const CLASSES = { 1: 'bold', 2: 'dim', 31: 'red', 32: 'green', 33: 'yellow', 36: 'cyan' };

/**
 * @typedef {object} Line
 * @property {string} text with styles as a terminal takes them
 * @property {number} at when it appears, in seconds
 */

/** @param {{ title: string, description: string, columns: number, lines: Line[] }} picture @returns {string} */
export function drawTerminal({ title, description, columns, lines }) {
  const width = Math.round(columns * CHAR_WIDTH + 2 * PADDING);
  const height = BAR + lines.length * LINE_HEIGHT + 2 * PADDING;
  const isMoving = lines.some(({ at }) => at > 0);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title text">
<title id="title">${escapeXml(title)}</title>
<desc id="text">${escapeXml(description)}</desc>
<style>
text { font: 14px ${FONT}; fill: #e6edf3; white-space: pre; }
.bold { font-weight: 700; } .dim { fill: #8b949e; } .red { fill: #ff7b72; } .green { fill: #7ee787; } .yellow { fill: #e3b341; } .cyan { fill: #79c0ff; }
${isMoving ? '.line { animation: appear .15s both; } @keyframes appear { from { opacity: 0; } }\n@media (prefers-reduced-motion: reduce) { .line { animation: none; } }' : ''}
</style>
<rect width="${width}" height="${height}" rx="10" fill="#0d1117"/>
<g fill="#30363d"><circle cx="20" cy="17" r="5.5"/><circle cx="38" cy="17" r="5.5"/><circle cx="56" cy="17" r="5.5"/></g>
<text x="${width / 2}" y="21" text-anchor="middle" class="dim">${escapeXml(title)}</text>
${lines.map((line, index) => drawLine(line, index, isMoving)).join('\n')}
</svg>
`;
}

/** @param {Line} line @param {number} index @param {boolean} isMoving */
function drawLine({ text, at }, index, isMoving) {
  const y = BAR + PADDING + (index + 1) * LINE_HEIGHT - 5;
  const delay = isMoving ? ` class="line" style="animation-delay:${at.toFixed(2)}s"` : '';
  return `<text x="${PADDING}" y="${y}" xml:space="preserve"${delay}>${drawSpans(text)}</text>`;
}

/** @param {string} text */
function drawSpans(text) {
  /** @type {Set<string>} */
  let styles = new Set();
  return text
    .split(/(\p{Cc}\[[\d;]*m)/u)
    .map((part) => {
      const code = /^\p{Cc}\[(\d*)/u.exec(part)?.[1];
      if (code === undefined) return styles.size === 0 || part === '' ? escapeXml(part) : span(styles, part);
      const name = CLASSES[/** @type {keyof typeof CLASSES} */ (Number(code))];
      styles = name === undefined ? new Set() : new Set([...styles, name]);
      return '';
    })
    .join('');
}

/** @param {Set<string>} styles @param {string} text */
function span(styles, text) {
  return `<tspan class="${[...styles].join(' ')}">${escapeXml(text)}</tspan>`;
}

/** @param {string} text */
function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
