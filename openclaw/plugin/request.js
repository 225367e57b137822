// What music_generate is asked for, as the service takes it.

const longestTheme = 500;
const longestPrompt = 2000;
const longestLyrics = 5000;
const shortestPrompt = 10;
const shortestTheme = 3;
const longestDerivedTheme = 100;
const refusedInTheme = /[\\{}[\]<>@%*$^|`~=\r\n\t]/u;

/** Cuts at the last sentence or word that ends within `most` code points. */
export function shorten(text, most) {
  const points = [...text];
  if (points.length <= most) return text;
  const cut = points.slice(0, most).join("");
  const sentence = Math.max(cut.lastIndexOf(". "), cut.lastIndexOf("! "), cut.lastIndexOf("? "), cut.lastIndexOf("\n"));
  if (sentence > cut.length / 2) return cut.slice(0, sentence + 1).trim();
  const word = cut.lastIndexOf(" ");
  return (word > cut.length / 2 ? cut.slice(0, word) : cut).trim();
}

/** Without the control and format characters that the service refuses; the joiner inside an emoji goes with them. */
function withoutControls(text) {
  return text.toWellFormed().replace(/\r\n?/gu, "\n").replace(/[^\P{C}\n\t]/gu, "").trim();
}

/** The first words of a music prompt, for titles: as a theme may look, without section marks; empty if nothing is left. */
function themeOf(prompt) {
  const plain = prompt.replace(/\[[^\]]*\]/gu, " ").replace(new RegExp(refusedInTheme, "gu"), " ").replace(/\s+/gu, " ").trim();
  const theme = shorten(plain, longestDerivedTheme);
  return [...theme].length >= shortestTheme ? theme : "";
}

/**
 * Path and body for the service. A prompt that can be a theme is one, so that the service writes the music prompt. What is longer
 * than a theme, or has line ends or brackets, is a music prompt already and goes to the music generator as it is.
 */
export function toOrder({ prompt, lyrics, instrumental, durationSeconds, format, model }) {
  const text = withoutControls(prompt ?? "");
  const options = {};
  if (lyrics) options.lyrics = shorten(withoutControls(lyrics), longestLyrics);
  if (instrumental !== undefined) options.instrumental = instrumental;
  if (durationSeconds !== undefined) options.duration_seconds = Math.min(Math.max(durationSeconds, 20), 300);
  if (format) options.format = format;
  if (model && model !== "auto") options.provider = model;
  const isTheme = [...text].length <= longestTheme && !refusedInTheme.test(text);
  if (isTheme || [...text].length < shortestPrompt) {
    return { path: "/generate", body: { theme: text.replace(new RegExp(refusedInTheme, "gu"), " ").trim(), ...options } };
  }
  const theme = themeOf(text);
  return { path: "/skills/suno-music-generator", body: { prompt: shorten(text, longestPrompt), ...(theme && { theme }), ...options } };
}
