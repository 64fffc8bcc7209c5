/// Finds values by rank without sorting all of them.
enum Selection {
    /// Up to this number, values are sorted.
    private static let few = 24

    /// Moves the values so that the one of rank `rank` is in its place, smaller ones before it, larger ones after it.
    ///
    /// Quickselect whose pivots are near the rank, by a sample (Floyd and Rivest, "Expected time bounds for selection",
    /// 1975): after each, most values are on the other side of it. Values are parted without branches, which nothing could
    /// predict.
    static func select(_ rank: Int, of values: UnsafeMutableBufferPointer<Double>) {
        guard let first = values.baseAddress else { return }
        var low = 0, end = values.count
        // Unlucky pivots would make it quadratic.
        var rounds = 64
        while end - low > few, rounds > 0 {
            rounds -= 1
            let pivot = pivot(rank - low, of: first + low, end - low)
            let middle = part(first, low, end, below: pivot)
            if rank < middle {
                end = middle
                continue
            }
            // Not below the pivot: first those that equal it.
            let above = part(first, middle, end, below: pivot.nextUp)
            if rank < above { return }
            low = above
        }
        var rest = UnsafeMutableBufferPointer(rebasing: values[low..<end])
        rest.sort()
    }

    /// Moves the values below the bound before the others. Returns where these start.
    @inline(never) private static func part(
        _ values: UnsafeMutablePointer<Double>, _ start: Int, _ end: Int, below bound: Double
    ) -> Int {
        var place = start
        for i in start..<end {
            let value = values[i]
            values[i] = values[place]
            values[place] = value
            place &+= value < bound ? 1 : 0
        }
        return place
    }

    /// A value that is likely to be beyond the one of the rank, on the side where most values are, and near it.
    private static func pivot(_ rank: Int, of values: UnsafePointer<Double>, _ count: Int) -> Double {
        let size = count < 600 ? 7 : 31
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: size) { sample in
            for i in 0..<size {
                // In the middle of the i-th part of the values.
                let value = values[(2 * i + 1) * count / (2 * size)]
                var place = i
                while place > 0, sample[place - 1] > value {
                    sample[place] = sample[place - 1]
                    place -= 1
                }
                sample[place] = value
            }
            let place = rank * size / count
            let distance = size / 10 + 1
            return sample[rank * 2 < count ? min(size - 1, place + distance) : max(0, place - distance)]
        }
    }

    /// The smallest value from an index on.
    static func smallest(from start: Int, of values: UnsafeMutableBufferPointer<Double>) -> Double {
        var smallest = values[start]
        for i in start..<values.count where values[i] < smallest { smallest = values[i] }
        return smallest
    }
}
