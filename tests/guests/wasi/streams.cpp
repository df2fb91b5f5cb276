// A command in C++: counts words with the standard streams and containers.
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

int main() {
    std::map<std::string, int> seen;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        for (std::string word; words >> word;) ++seen[word];
    }
    for (const auto &[word, times] : seen) std::cout << std::setw(6) << std::left << word << times << '\n';
    std::cerr << seen.size() << " words\n";
    return seen.empty() ? 3 : 0;
}
