#pragma once
// Fills one block of land with what its kind asks for. Every building passes the same gate (`place`): inside the block,
// clear of its neighbours, lawful towards the dwellings north and south of it, off every lane.

#include "nanmatou/city.h"
#include "nanmatou/random.h"

namespace matou::importers::nanmatou {

class BlockFiller {
public:
    BlockFiller(City& city, const Block& block, std::string compound, Random random);
    void fill();

private:
    struct Edge { // of the block's outline, with the street that it faces
        glm::dvec2 a{0.0}, b{0.0};
        const Street* street = nullptr;
        glm::dvec2 inward{0.0};
    };
    struct Row { // for row filling
        Form form = Form::slab;
        std::string use;
        std::vector<double> lengths;
        double depthLow = 11, depthHigh = 12.5;
        double gapLow = 6.5, gapHigh = 9;
        std::vector<int> floors;
        double storey = 2.8;
        bool lanes = true;
        double step = 1.0;
        double spacingLow = 0, spacingHigh = 0; // between rows, where the rule asks for nothing
    };

    void fillResidential();
    void fillTowers();
    void fillHighrise();
    void fillOffices();
    void fillWorks();
    void fillOldHouses();
    void fillSchool();
    void fillPark();
    void fillPaved();
    void fillMarket();

    void readEdges();
    /// Drives through the block with a gate at either end, and huts beside the gates.
    void laySpines(int count);
    void cornerTowers(int most);
    void shopsAlongStreets(double share);
    void rows(const Row& row);
    void rowLane(double west, double east, double v);
    void annexes(int count, const char* use, double lengthLow, double lengthHigh, double depth, int floors,
                 const char* what);
    void walls(bool railing);
    bool place(Form form, const std::string& use, const Footprint& footprint, int floors, double storey, double margin);
    Footprint local(double u, double v, double length, double depth) const; // south-western corner in the block's frame
    glm::dvec2 toLocal(const glm::dvec2& p) const;
    glm::dvec2 toDistrict(double u, double v) const;
    bool insideAt(double u, double v, double margin) const;

    City& _city;
    const Block& _block;
    std::string _compound;
    Random _random;
    double _angle = 0;          // of the rows, within 14° of east
    double _freeAngle = 0;      // of the longest edge
    MultiPolygon _area, _inner; // the block; and without the strip along its wall
    std::vector<Edge> _edges;
    glm::dvec2 _low{0.0}, _high{0.0}; // extent in the block's frame
    std::vector<Footprint> _kept;     // lanes, gates, yards: free of buildings
    std::vector<glm::dvec2> _gates;
    int _number = 0;
};

} // namespace matou::importers::nanmatou
