internal import Cairn
internal import CommandLine

/// The options that say what a policy keeps.
struct RetentionOptions: OptionGroup {
    static let title: String? = "What is kept"

    let last = Option("keep-last", short: "l", .retentionCount, help: "The newest N.")
    let hourly = Option("keep-hourly", short: "H", .retentionCount, help: "The newest of each of N hours.")
    let daily = Option("keep-daily", short: "d", .retentionCount, help: "The newest of each of N days.")
    let weekly = Option(
        "keep-weekly", short: "w", .retentionCount, help: "The newest of each of N weeks, which begin on Monday.")
    let monthly = Option("keep-monthly", short: "m", .retentionCount, help: "The newest of each of N months.")
    let yearly = Option("keep-yearly", short: "y", .retentionCount, help: "The newest of each of N years.")
    let within = Option("keep-within", .calendarSpan, help: "All within this span before the newest.")
    let withinHourly = Option("keep-within-hourly", .calendarSpan, help: "The newest of each hour within this span.")
    let withinDaily = Option("keep-within-daily", .calendarSpan, help: "The newest of each day within this span.")
    let withinWeekly = Option("keep-within-weekly", .calendarSpan, help: "The newest of each week within this span.")
    let withinMonthly = Option("keep-within-monthly", .calendarSpan, help: "The newest of each month within this span.")
    let withinYearly = Option("keep-within-yearly", .calendarSpan, help: "The newest of each year within this span.")
    let tags = OptionList(
        "keep-tag", .tags,
        help: "Those with all of these tags; several: with all of any one. Empty: those without tags.")
    let grouping = DefaultedOption(
        "group-by", short: "g", .retentionGrouping, default: .source, shown: "host,paths",
        help: "Judge those together that have this in common: host, paths, tags, some of them, or none.")
}

extension Arguments<RetentionOptions> {
    /// The policy that the options describe.
    var policy: RetentionPolicy {
        var policy = RetentionPolicy()
        policy.last = self.last ?? policy.last
        policy.counts = [
            .hourly: self.hourly, .daily: self.daily, .weekly: self.weekly, .monthly: self.monthly,
            .yearly: self.yearly,
        ].compactMapValues(\.self)
        policy.within = self.within ?? policy.within
        policy.spans = [
            .hourly: self.withinHourly, .daily: self.withinDaily, .weekly: self.withinWeekly,
            .monthly: self.withinMonthly, .yearly: self.withinYearly,
        ].compactMapValues(\.self)
        policy.tags = self.tags
        return policy
    }
}

extension ValueParser where Value == RetentionPolicy.Count {
    /// How many snapshots a rule keeps. Like restic, `-1` is another word for `unlimited`.
    static var retentionCount: ValueParser {
        ValueParser("N|unlimited", completion: .words(["unlimited"])) { argument throws(ValueProblem) in
            if argument == "unlimited" || argument == "-1" { return .unlimited }
            do throws(ValueProblem) {
                return .atMost(try ValueParser<Int>.count().parse(argument))
            } catch { throw ValueProblem(error.message, hint: "give a number, or unlimited") }
        }
    }
}

extension ValueParser where Value == CalendarSpan {
    /// A stretch of time: years, months, days and hours.
    static var calendarSpan: ValueParser {
        ValueParser("SPAN") { argument throws(ValueProblem) in
            guard let span = argument.string.flatMap({ CalendarSpan($0) }) else {
                throw ValueProblem(
                    "not a stretch of time",
                    hint: "give years, months, days and hours, such as 1y5m7d2h, or some of them")
            }
            return span
        }
    }
}

extension ValueParser where Value == RetentionGrouping {
    /// What snapshots must have in common, with commas between; empty or `none` for nothing.
    static var retentionGrouping: ValueParser {
        ValueParser("host,paths,tags", completion: .words(["host", "paths", "tags", "host,paths", "none"])) {
            argument throws(ValueProblem) in
            let words = argument.string?.split(separator: ",").map(String.init) ?? ["?"]
            if words == ["none"] { return [] }
            var grouping = RetentionGrouping()
            for word in words {
                switch word {
                case "host", "hosts": grouping.insert(.host)
                case "path", "paths": grouping.insert(.paths)
                case "tag", "tags": grouping.insert(.tags)
                default:
                    throw ValueProblem(
                        "not what snapshots can have in common", hint: "give some of host, paths and tags, or none")
                }
            }
            return grouping
        }
    }
}
