// How long a queue still takes, from what was finished last.

const RECENT = 8; // durations that count
const LEAST = 2; // durations before which nothing is said

export class Pace {
  #begun = 0;
  #durations = [];

  // Of one or several things of the same kind.
  begin() {
    this.#begun = performance.now();
  }
  end(count = 1) {
    if (!count) return;
    this.#durations.push((performance.now() - this.#begun) / count);
    this.#durations.splice(0, this.#durations.length - RECENT);
    this.begin();
  }

  // Milliseconds that so many more take; null if that is not known yet.
  left(count) {
    const known = this.#durations.length;
    return known < LEAST ? null : (count * this.#durations.reduce((sum, each) => sum + each, 0)) / known;
  }

  // ", about 20 s left", or nothing.
  text(count) {
    const left = this.left(count);
    return left === null || !count ? "" : `, about ${timeText(left)} left`;
  }
}

// Rounded up, as nobody knows it exactly.
export function timeText(milliseconds) {
  const seconds = Math.max(1, milliseconds / 1000);
  if (seconds <= 10) return `${Math.ceil(seconds)} s`;
  if (seconds < 55) return `${5 * Math.ceil(seconds / 5)} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}
