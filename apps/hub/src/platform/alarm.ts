/** A pause that can be cut short. A ring that comes while nobody waits cuts the next pause short. */
export function createAlarm() {
  let rung = false;
  let end: () => void = () => undefined;
  return {
    ring(): void {
      rung = true;
      end();
    },
    async wait(ms: number): Promise<void> {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          end = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
    },
  };
}
