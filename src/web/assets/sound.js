// One sound for each fate of a scan, told apart in a noisy hall: up, level twice, down and long, a tick.
// Heard on "rebond:fate"; a browser lets a page sound only after a gesture, so the first key wakes it.

const tunes = {
  done: [[660, 0.09], [990, 0.14]],
  already: [[520, 0.1], [520, 0.1]],
  refused: [[196, 0.45]],
  queued: [[330, 0.05]],
  shown: [[740, 0.08]],
};
const loudness = 0.18;
const gap = 0.05;
let context = null;

function wake() {
  if (!window.AudioContext) return;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
}
document.addEventListener("keydown", wake);
document.addEventListener("pointerdown", wake);

// A silent desk is a choice, kept on this device.
let quiet = false;
try { quiet = localStorage.getItem("rebond.quiet") === "1"; } catch { /* no storage: sound stays on */ }
const toggle = document.querySelector("[data-sound]");
const label = () => { if (toggle) toggle.textContent = quiet ? "Son coupé" : "Son actif"; };
label();
toggle?.addEventListener("click", () => {
  quiet = !quiet;
  label();
  try { localStorage.setItem("rebond.quiet", quiet ? "1" : "0"); } catch { /* until the page closes, then */ }
});

document.addEventListener("rebond:fate", ({ detail }) => {
  if (quiet || !context || !tunes[detail]) return;
  let at = context.currentTime;
  for (const [pitch, length] of tunes[detail]) {
    const tone = context.createOscillator();
    const gain = context.createGain();
    tone.type = detail === "refused" ? "square" : "sine";
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(loudness, at);
    gain.gain.exponentialRampToValueAtTime(0.001, at + length);
    tone.connect(gain).connect(context.destination);
    tone.start(at);
    tone.stop(at + length);
    at += length + gap;
  }
});
