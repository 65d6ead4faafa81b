import { Component, type FunctionComponent } from 'preact'

/** Drawn again only when a property is another one. */
export function memo<Props extends object>(Inner: FunctionComponent<Props>) {
  return class extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      const before = this.props as Record<string, unknown>
      return Object.entries(next).some(([key, value]) => before[key] !== value)
    }
    override render() {
      return <Inner {...this.props} />
    }
  }
}
