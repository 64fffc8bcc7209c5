extension Range<Int> {
    /// The first number that belongs to the second part of the range, by binary search; `upperBound` if there is none.
    ///
    /// - Parameter isInSecondPart: false for all numbers of the first part, which come before those of the second.
    @inline(__always) func partitioningIndex(where isInSecondPart: (Int) -> Bool) -> Int {
        var (low, high) = (lowerBound, upperBound)
        while low < high {
            let middle = low &+ (high &- low) / 2
            if isInSecondPart(middle) { high = middle } else { low = middle &+ 1 }
        }
        return low
    }
}
