-- joins
SELECT n1.n_name, r2.r_name, extract(year FROM o.o_orderdate) AS year, sum(l.l_extendedprice * (1 - l.l_discount)) AS revenue
FROM region r1
JOIN nation n1 ON n1.n_regionkey = r1.r_regionkey
JOIN customer c ON c.c_nationkey = n1.n_nationkey
JOIN orders o ON o.o_custkey = c.c_custkey
JOIN lineitem l ON l.l_orderkey = o.o_orderkey
JOIN part p ON p.p_partkey = l.l_partkey
JOIN partsupp ps ON ps.ps_partkey = l.l_partkey AND ps.ps_suppkey = l.l_suppkey
JOIN supplier s ON s.s_suppkey = ps.ps_suppkey
JOIN nation n2 ON n2.n_nationkey = s.s_nationkey
JOIN region r2 ON r2.r_regionkey = n2.n_regionkey
LEFT JOIN orders o2 ON o2.o_custkey = c.c_custkey AND o2.o_orderdate > o.o_orderdate
LEFT JOIN lineitem l2 ON l2.l_orderkey = o2.o_orderkey
WHERE r1.r_name = 'EUROPE' AND p.p_type LIKE '%BRASS' AND o.o_orderdate >= DATE '1995-01-01' AND l.l_quantity < 20
GROUP BY n1.n_name, r2.r_name, extract(year FROM o.o_orderdate)
ORDER BY revenue DESC LIMIT 20;

-- subqueries
SELECT c.c_name, o.o_orderkey, o.o_totalprice, s.s_name
FROM customer c
JOIN orders o ON o.o_custkey = c.c_custkey
JOIN lineitem l ON l.l_orderkey = o.o_orderkey
JOIN supplier s ON s.s_suppkey = l.l_suppkey
WHERE c.c_nationkey IN (SELECT n_nationkey FROM nation JOIN region ON n_regionkey = r_regionkey WHERE r_name = 'ASIA')
AND EXISTS (SELECT 1 FROM partsupp JOIN part ON p_partkey = ps_partkey WHERE ps_suppkey = s.s_suppkey AND p_size = 15)
AND NOT EXISTS (SELECT 1 FROM lineitem l2 WHERE l2.l_orderkey = o.o_orderkey AND l2.l_suppkey <> l.l_suppkey)
AND o.o_totalprice > (SELECT avg(o2.o_totalprice) FROM orders o2 JOIN customer c2 ON c2.c_custkey = o2.o_custkey
    WHERE c2.c_nationkey = c.c_nationkey)
AND s.s_nationkey NOT IN (SELECT n_nationkey FROM nation WHERE n_name = 'CHINA')
ORDER BY o.o_totalprice DESC LIMIT 100;

-- branches
WITH sold AS (
    SELECT p.p_brand AS brand, sum(l.l_quantity) AS quantity, count(DISTINCT o.o_custkey) AS customers
    FROM lineitem l JOIN orders o ON o.o_orderkey = l.l_orderkey JOIN part p ON p.p_partkey = l.l_partkey
    WHERE o.o_orderdate >= DATE '1997-01-01' GROUP BY p.p_brand),
offered AS (
    SELECT p.p_brand AS brand, sum(ps.ps_availqty) AS quantity, count(DISTINCT s.s_suppkey) AS suppliers
    FROM partsupp ps JOIN part p ON p.p_partkey = ps.ps_partkey JOIN supplier s ON s.s_suppkey = ps.ps_suppkey
    JOIN nation n ON n.n_nationkey = s.s_nationkey GROUP BY p.p_brand)
SELECT 'sold' AS kind, brand, quantity, customers AS parties FROM sold
UNION ALL SELECT 'offered', brand, quantity, suppliers FROM offered
UNION ALL SELECT 'asked', n.n_name, sum(o.o_totalprice), count(DISTINCT c.c_custkey)
FROM orders o JOIN customer c ON c.c_custkey = o.o_custkey JOIN nation n ON n.n_nationkey = c.c_nationkey
JOIN region r ON r.r_regionkey = n.n_regionkey AND r.r_name = 'EUROPE' JOIN lineitem l ON l.l_orderkey = o.o_orderkey
GROUP BY n.n_name;
