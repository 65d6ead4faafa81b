/** Who may use the repository: many copy and read at once, one prunes or checks alone. First come, first served. */

export interface Turns {
  shared<T>(work: () => Promise<T>): Promise<T>
  alone<T>(work: () => Promise<T>): Promise<T>
}

interface Waiting {
  alone: boolean
  begin(): void
}

export function createTurns(): Turns {
  const queue: Waiting[] = []
  let sharers = 0
  let occupied = false

  const next = () => {
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      if (occupied || (first.alone && sharers > 0)) return
      queue.shift()
      if (first.alone) occupied = true
      else sharers++
      first.begin()
    }
  }
  const take = async <T>(alone: boolean, work: () => Promise<T>): Promise<T> => {
    await new Promise<void>((begin) => {
      queue.push({ alone, begin })
      next()
    })
    try {
      return await work()
    } finally {
      if (alone) occupied = false
      else sharers--
      next()
    }
  }
  return { shared: (work) => take(false, work), alone: (work) => take(true, work) }
}
