"""What a canonical SELECT may be made of, as data: node classes, functions, types.

Everything not listed here is refused. A function enters a list only when it is deterministic, reads
nothing but its arguments and cannot run text as SQL; so no `random`, `getenv`, `query`, `read_csv`.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Clauses, operators and literals: classes of sqlglot.exp by name.
STRUCTURE = _words(
    """
    Select From Join Table TableAlias Subquery CTE With Where Group Having Qualify Order Ordered
    Limit Offset Fetch Distinct Union Except Intersect Values Tuple Paren Alias Column Identifier
    Star Literal Null Boolean Var DataType DataTypeParam ColumnDef Interval IntervalSpan Window
    WindowSpec Filter WithinGroup IgnoreNulls RespectNulls Rollup Cube GroupingSets Lateral Unnest
    Lambda PropertyEQ Bracket Slice Dot JSONPath JSONPathRoot JSONPathKey JSONPathSubscript
    JSONPathWildcard JSONKeyValue Kwarg
    """
)
OPERATORS = _words(
    """
    And Or Not Xor EQ NEQ GT GTE LT LTE Is NullSafeEQ NullSafeNEQ Add Sub Mul Div IntDiv Mod Neg Pow
    DPipe BitwiseAnd BitwiseOr BitwiseXor BitwiseNot BitwiseLeftShift BitwiseRightShift Between In
    Like ILike SimilarTo Glob Escape RegexpLike RegexpILike Exists Any All Case If Cast TryCast
    Extract AtTimeZone
    """
)

# Functions sqlglot knows by a class of its own.
FUNCTION_CLASSES = _words(
    """
    Abs Acos Acosh AnyValue ApproxDistinct ApproxQuantile ApproxTopK ArgMax ArgMin Array
    ArrayAgg ArrayAppend ArrayConcat ArrayContains ArrayContainsAll ArrayDistinct
    ArrayFilter ArrayIntersect ArrayMax ArrayMin ArrayOverlaps ArrayPosition ArrayPrepend
    ArrayReverse ArraySize ArraySlice ArraySort ArrayToString Ascii Asin Asinh Atan Atan2
    Atanh Avg BitLength BitwiseAndAgg BitwiseOrAgg BitwiseXorAgg Cbrt Ceil Chr Coalesce
    Concat ConcatWs Contains Corr Cos Cosh Cot Count CountIf CovarPop CovarSamp CumeDist
    CurrentDate CurrentDatetime CurrentTime CurrentTimestamp Date DateAdd DateBin DateDiff
    DateFromParts DateSub DateTrunc DatetimeTrunc Day DayOfMonth DayOfWeek DayOfWeekIso
    DayOfYear Dayname Decode Degrees DenseRank Encode EndsWith Exp Explode Factorial First
    FirstValue Flatten Floor Format FromBase64 GenerateSeries Greatest GroupConcat Grouping
    GroupingId Hex Hour If IsInf IsNan JSONArray JSONExtract JSONExtractScalar JSONKeys
    JSONObject JSONType JarowinklerSimilarity Kurtosis Lag Last LastDay LastValue Lead Least
    Left Length Levenshtein Ln Localtimestamp Log LogicalAnd LogicalOr Lower MD5 Map
    MapFromEntries MapKeys Max Median Min Minute Mode Month Monthname NthValue Ntile Nullif
    Pad ParseJSON PercentRank PercentileCont PercentileDisc Pi Pow Quantile Quarter Radians
    Rank Reduce RegexpExtract RegexpExtractAll RegexpFullMatch RegexpLike RegexpReplace
    RegexpSplit RegrAvgx RegrAvgy RegrCount RegrIntercept RegrR2 RegrSlope RegrSxx RegrSxy
    RegrSyy Repeat Replace Reverse Right Round RowNumber SHA SHA2 Second Sign Sin Sinh
    Skewness Split SplitPart Sqrt StartsWith Stddev StddevPop StddevSamp StrPosition
    StrToDate StrToTime Struct StructExtract Substring Sum Tan Tanh Time TimeFromParts
    TimeToStr TimeToUnix Timestamp TimestampAdd TimestampFromParts TimestampSub
    TimestampTrunc ToBase64 ToBinary ToDays Transform Translate Trim Trunc TsOrDsToDate
    TsOrDsToTimestamp Typeof Unhex Unicode UnixToTime Upper Variance VariancePop Week
    WeekOfYear Year
    """
)

# Functions sqlglot passes on by name; lower case.
FUNCTION_NAMES = _words(
    """
    add age aggregate ago arbitrary arg_max_null arg_min_null array_aggr array_aggregate
    array_apply array_extract array_has_any array_indexof array_reduce array_reverse_sort
    array_select array_sort array_to_json array_transform array_unique array_value array_zip
    bar base64 bit_count cardinality century count_star current_localtime
    current_localtimestamp damerau_levenshtein date_part date_sub datepart datesub
    days_in_month decade divide element_at entropy epoch_ns epoch_us equi_width_bins era
    even favg fdiv fmod format_bytes fsum gamma gcd geomean geometric_mean
    get_current_timestamp greatest_common_divisor hamming hash histogram isfinite isoyear
    jaccard jaro_similarity json_array_length json_contains json_exists json_group_array
    json_group_object json_structure json_transform json_valid json_value julian kahan_sum
    kurtosis_pop lcm least_common_multiple left_grapheme length_grapheme lgamma list_aggr
    list_aggregate list_any_value list_apply list_approx_count_distinct list_avg
    list_bool_and list_bool_or list_cat list_count list_element list_entropy list_extract
    list_first list_has_all list_histogram list_indexof list_intersect list_kurtosis
    list_last list_mad list_median list_mode list_pack list_position list_product
    list_reduce list_reverse list_reverse_sort list_select list_skewness list_slice
    list_sort list_stddev_pop list_stddev_samp list_string_agg list_sum list_unique
    list_var_pop list_var_samp list_where list_zip mad map_concat map_contains map_entries
    map_extract map_extract_value map_values mean microsecond millennium millisecond
    mismatches multiply nfc_normalize now octet_length ord prefix printf product
    regexp_escape regexp_split_to_array right_grapheme round_even roundbankers row_to_json
    sem signbit strip_accents strlen struct_insert struct_keys struct_values
    substring_grapheme subtract suffix sumkahan timezone to_centuries to_decades to_hours
    to_json to_microseconds to_millennia to_milliseconds to_minutes to_months to_quarters
    to_seconds to_weeks to_years today transaction_timestamp try_strptime unbin union_tag
    url_decode url_encode wavg weekday weighted_avg yearweek
    """
)

# Types a CAST may name: members of sqlglot's DType.
TYPES = _words(
    """
    BOOLEAN TINYINT SMALLINT INT BIGINT INT128 UTINYINT USMALLINT UINT UBIGINT UINT128 DECIMAL FLOAT
    DOUBLE VARCHAR TEXT CHAR NVARCHAR NCHAR VARBINARY BINARY BLOB DATE TIME TIMETZ TIMESTAMP
    TIMESTAMPNTZ TIMESTAMPTZ TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS INTERVAL UUID JSON ARRAY LIST
    STRUCT MAP
    """
)

# Functions that may stand in FROM: classes of sqlglot.exp.
TABLE_FUNCTIONS = frozenset({"GenerateSeries", "Unnest"})

# Functions whose result has as many rows or characters as a number says: position of that number.
SIZED = {"Repeat": "times", "Pad": "expression"}

# Functions that pad to a width their first argument, a format, says.
FORMATTED = frozenset({"printf", "format"})

# Names of now and today, in classes and in plain names.
NOW_CLASSES = frozenset({"CurrentTimestamp", "CurrentDatetime"})
LOCAL_NOW_CLASSES = frozenset({"Localtimestamp"})
TODAY_CLASSES = frozenset({"CurrentDate"})
TIME_CLASSES = frozenset({"CurrentTime", "Localtime"})
NOW_NAMES = frozenset({"now", "get_current_timestamp", "transaction_timestamp"})
LOCAL_NOW_NAMES = frozenset({"current_localtimestamp"})
TODAY_NAMES = frozenset({"today"})
TIME_NAMES = frozenset({"current_localtime"})

MAX_BYTES = 32_768
MAX_DEPTH = 60
MAX_NODES = 5_000
MAX_SERIES = 10_000
MAX_REPEAT = 10_000

NODES = STRUCTURE | OPERATORS | FUNCTION_CLASSES
