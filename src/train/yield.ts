/** Gives the event loop a turn: the engines' promises resolve without one, and signals, timers and pages would starve. */

/** Longest time in milliseconds that training keeps the event loop for itself, one step excepted. */
const slice = 10;

/** A function to await after every step: it returns at once until the slice is used up. */
export function politely(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < slice) return undefined;
    return nextTurn().then(() => {
      since = performance.now();
    });
  };
}

/** `setImmediate` where there is one; a message in browsers, where timers are held back to 4 ms. */
function nextTurn(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
